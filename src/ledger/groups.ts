// Groups of dead letters of one cause. What a row holds does not depend on the order in which facts come: the earliest
// and the latest failure, their number, and what a person said last. Its state and its open letters are read from these.

import type { Fact } from "../model/fact";
import type { GroupQuery, Page } from "../model/ledger";
import { type DeadLetter, GROUP_MOVES, type GroupMove, type LetterGroup } from "../model/letter";
import { patternOf, stepOfDocument, traceOf } from "./cause";
import { openingOf } from "./dead-letter";

/** How many groups one page looks at. */
const GROUPS_PER_PAGE = 2_000;
const SAMPLE_CHARS = 500;

/** `moves`: how often a person has said something of it. */
interface Row extends Omit<LetterGroup, "state" | "open" | "trace_id"> {
	moves: number;
}

/** Call after these facts were appended. */
export function noteGroups(sql: SqlStorage, fresh: readonly Fact[]): void {
	for (const fact of fresh) {
		const opening = openingOf(fact);
		if (opening !== null) noteOpening(sql, opening);
		const move = moveOf(fact);
		if (move !== null) noteMove(sql, String(fact.data.group), move);
	}
}

/** One failure of this cause. */
export function noteOpening(sql: SqlStorage, letter: DeadLetter): void {
	const { group, class: failure, workflow, step, connection, source, reason, id, failed_at } = letter;
	const row = findRow(sql, group) ?? unheardOf(group);
	const isNewest = failed_at >= row.last_seen;
	writeRow(sql, {
		...row,
		...{ class: failure, workflow, step: step === null ? null : stepOfDocument(step), connection },
		source: workflow === null ? source : null,
		pattern: patternOf(reason),
		...(isNewest ? { sample: reason.slice(0, SAMPLE_CHARS), sample_letter: id } : {}),
		first_seen: row.seen === 0 ? failed_at : Math.min(row.first_seen, failed_at),
		last_seen: Math.max(row.last_seen, failed_at),
		seen: row.seen + 1,
	});
}

function moveOf({ kind, at, data: { by, note } }: Fact): GroupMove | null {
	const move = GROUP_MOVES.find((one) => kind === `letter_group.${one}`);
	if (move === undefined) return null;
	return { move, at, by: String(by), ...(typeof note === "string" ? { note } : {}) };
}

/** Of two, what was said later holds. */
function noteMove(sql: SqlStorage, id: string, move: GroupMove): void {
	const row = findRow(sql, id) ?? unheardOf(id);
	const isLast = row.last_move === null || move.at >= row.last_move.at;
	writeRow(sql, { ...row, moves: row.moves + 1, ...(isLast ? { last_move: move } : {}) });
}

/** A group is shown once one of its failures is known. */
function unheardOf(id: string): Row {
	return {
		...{ id, class: "exhausted", workflow: null, step: null, connection: null, source: null },
		...{ pattern: "", sample: "", sample_letter: "", first_seen: 0, last_seen: 0, seen: 0, last_move: null, moves: 0 },
	};
}

/** Newest failure first. */
export function listGroups(sql: SqlStorage, { cursor, limit, state, ...filter }: GroupQuery): Page<LetterGroup> {
	const items: LetterGroup[] = [];
	let looked = 0;
	const [at, id = ""] = (cursor ?? `${Number.MAX_SAFE_INTEGER}~`).split("~");
	const rows = sql.exec<{ doc: string }>(
		"SELECT doc FROM letter_group WHERE (last_seen, id) < (?, ?) ORDER BY last_seen DESC, id DESC",
		...[Number(at), id],
	);
	for (const { doc } of rows) {
		const row = JSON.parse(doc) as Row;
		looked += 1;
		if (row.seen > 0 && matches(row, filter) && (state === undefined || stateOf(row) === state))
			items.push(viewOf(sql, row));
		if (items.length === limit || looked === GROUPS_PER_PAGE) return { items, cursor: `${row.last_seen}~${row.id}` };
	}
	return { items, cursor: null };
}

function matches(row: Row, { class: failure, workflow, connection }: Omit<GroupQuery, "limit">): boolean {
	return (
		(failure === undefined || row.class === failure) &&
		(workflow === undefined || row.workflow === workflow) &&
		(connection === undefined || row.connection === connection)
	);
}

export function findGroup(sql: SqlStorage, id: string): LetterGroup | null {
	const row = findRow(sql, id);
	return row === null || row.seen === 0 ? null : viewOf(sql, row);
}

/** The fact of what a person says, to be appended; null if it holds already. */
export function groupFact(
	sql: SqlStorage,
	group: LetterGroup,
	{ tenant, move, by, note, at: now }: GroupMove & { tenant: string },
): Fact | null {
	const row = findRow(sql, group.id);
	if (row === null || (move === "reopened" ? "open" : move) === group.state) return null;
	// After what was said before, and after the failure that it is about, whatever the clock says.
	const at = Math.max(now, row.last_move?.at ?? 0, row.last_seen);
	return {
		id: `${group.id}:${row.moves + 1}:${move}`,
		at,
		tenant,
		kind: `letter_group.${move}`,
		trace_id: group.trace_id,
		...(group.workflow === null ? {} : { workflow: group.workflow }),
		actor: by,
		classification: "internal",
		data: { group: group.id, by, open: group.open, ...(note === undefined ? {} : { note }) },
	};
}

function viewOf(sql: SqlStorage, row: Row): LetterGroup {
	const { open } = sql
		.exec<{ open: number }>("SELECT count(*) AS open FROM dead_letter WHERE group_id = ? AND state = 'open'", row.id)
		.one();
	const { moves: _, ...rest } = row;
	return { ...rest, trace_id: traceOf("letter_group", row.id), state: stateOf(row), open };
}

/** What is resolved is open again as soon as it fails once more; what is ignored is not. */
function stateOf({ last_move, last_seen }: Row): LetterGroup["state"] {
	if (last_move === null || last_move.move === "reopened") return "open";
	return last_move.move === "resolved" && last_seen > last_move.at ? "open" : last_move.move;
}

function findRow(sql: SqlStorage, id: string): Row | null {
	const row = sql.exec<{ doc: string }>("SELECT doc FROM letter_group WHERE id = ?", id).toArray()[0];
	return row === undefined ? null : (JSON.parse(row.doc) as Row);
}

function writeRow(sql: SqlStorage, row: Row): void {
	sql.exec(
		"INSERT INTO letter_group (id, last_seen, doc) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen, doc = excluded.doc",
		...[row.id, row.last_seen, JSON.stringify(row)],
	);
}
