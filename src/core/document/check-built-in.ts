// Steps that are carried out here and go nowhere: `approve` waits for people, `wait` for a time.

import type { JsonObject } from "../../model/json";
import { Name } from "../../model/name";
import { ApproveInput, WaitInput } from "../../model/workflow";
import type { Path } from "../expression/path";
import type { BuiltIn } from "./built-in";
import { checkInput } from "./check-action";
import { type Report, unknownKey } from "./schema-issues";

/** What only an action of a connector can have. */
const ACTION_KEYS = ["connection", "timeout", "retry", "on_unknown", "undo", "output", "fallback"];

/** `raw` is the step as it was written, `input` its `with` as far as that is JSON. */
export function checkBuiltIn(
	use: BuiltIn,
	{ raw, input, path }: { raw: Record<string, unknown>; input: JsonObject | undefined; path: Path },
	report: Report,
): void {
	for (const key of ACTION_KEYS)
		if (raw[key] !== undefined) report([...path, key], `is for actions of connectors; ${use} has none`);
	if (raw.for_each !== undefined)
		report([...path, "for_each"], `is for actions of connectors; ${use} is carried out once`);
	if (input === undefined) return;
	const base = [...path, "with"];
	if (use === "wait") checkWait(input, base, report);
	else checkApprove(input, base, report);
}

const WAYS = ["for", "until"];
const WAIT_EXAMPLE = "for, like for: 1h, or until, like until: 2026-12-01T09:00:00Z";

function checkWait(input: JsonObject, base: Path, report: Report): void {
	const said = Object.keys(input);
	const ways = WAYS.filter((way) => said.includes(way));
	const [way] = ways;
	if (ways.length > 1) report(base, "says for and until; a wait has one end, so keep one of them");
	else if (way !== undefined) checkInput(wayOf(way), input, base, report);
	else if (said.length === 0) report(base, `does not say for how long; write ${WAIT_EXAMPLE}`);
	else for (const key of said.slice(0, 1)) report(base, unknownKey(key, WAYS));
}

/** The shape of a wait that says `for`, or of one that says `until`. */
function wayOf(way: string) {
	return WaitInput.options.find((option) => Object.hasOwn(option.shape, way)) ?? WaitInput;
}

/** Names that stand there as they are can be judged. How many people a team has is not known here. */
function checkApprove(input: JsonObject, base: Path, report: Report): void {
	checkInput(ApproveInput, input, base, report);
	const of = Array.isArray(input.of) ? input.of.slice(0, 50) : [];
	of.forEach((name, i) => {
		if (typeof name !== "string" || name === "" || name.length > 63 || name.includes("${{")) return;
		const place = [...base, "of", i];
		if (of.indexOf(name) < i) report(place, `${name} is named twice`);
		else if (!Name.safeParse(name).success)
			report(place, "nobody has such a name: approvers and teams are named in lower case, like ada or legal-team");
	});
}
