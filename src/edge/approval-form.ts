// What comes back from the form of the approval page.

import { VOTES } from "../model/entity";
import type { Ballot } from "../model/message";
import { err, ok, type Result } from "../model/result";

export const MAX_COMMENT = 1_000;
/** A comment of the longest, with four bytes to a character and three letters to a byte, and room for its fields. */
export const MAX_FORM_BYTES = 16_384;

/** `vote`: none of the two buttons was pressed. `comment`: it is longer than `MAX_COMMENT` characters. */
export type FormProblem = "vote" | "comment";

export function readForm(text: string): Result<Pick<Ballot, "vote" | "comment">, FormProblem> {
	const fields = new URLSearchParams(text);
	const pressed = fields.getAll("vote");
	const vote = VOTES.find((each) => pressed.length === 1 && each === pressed[0]);
	if (vote === undefined) return err("vote");
	// Browsers send a new line as two characters and count it as one.
	const comment = (fields.get("comment") ?? "").replaceAll("\r\n", "\n").trim();
	if (comment.length > MAX_COMMENT) return err("comment");
	return ok(comment === "" ? { vote } : { vote, comment });
}
