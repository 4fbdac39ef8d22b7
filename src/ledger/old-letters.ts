// Letters that were written before there were groups. What a row of then lacks is filled in as far as the row tells it;
// the rest comes with the next fact of its trace.

import { DeadLetter } from "../model/letter";
import { groupOf } from "./cause";
import { noteOpening } from "./groups";

type OldLetter = Omit<DeadLetter, "failed_at" | "entity_id" | "source_system" | "group">;

/** Call inside one transaction. Does nothing once all have a group. */
export function groupOldLetters(sql: SqlStorage): void {
	const rows = sql.exec<{ doc: string }>("SELECT doc FROM dead_letter WHERE group_id IS NULL").toArray();
	for (const row of rows) {
		const old = JSON.parse(row.doc) as OldLetter;
		const entity_id = old.entity_key?.startsWith("e:") === true ? old.entity_key.slice("e:".length) : null;
		const source_system = entity_id?.split("/")[0] ?? null;
		const letter = DeadLetter.parse({
			...{ failed_at: old.updated_at, entity_id, source_system, group: groupOf(old) },
			...old,
		});
		sql.exec(
			"UPDATE dead_letter SET group_id = ?, doc = ? WHERE id = ?",
			letter.group,
			JSON.stringify(letter),
			letter.id,
		);
		noteOpening(sql, letter);
	}
}
