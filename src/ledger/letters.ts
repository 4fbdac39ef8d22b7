// The index of dead letters: writing the rows of those that facts tell of, and reading them back, in lists and in
// selections.

import type { Fact } from "../model/fact";
import type { DeadLetterQuery, Page, PageQuery, Selected } from "../model/ledger";
import type { DeadLetter, LetterFilter, LetterSelection } from "../model/letter";
import { stepOfDocument } from "./cause";
import { deadLetterOf } from "./dead-letter";
import { findEntries, type ReadChunk } from "./entries";

/** How many letters one page looks at. */
const LETTERS_PER_PAGE = 5_000;
/** What a selection holds at most: a bulk takes no more. */
const MOST_SELECTED = 10_000;
const MOST_STEPS = 100;

/** Call after these facts were appended. `told`: the ids of a trace's facts. */
export function writeLetters(
	sql: SqlStorage,
	read: ReadChunk,
	fresh: readonly Fact[],
	told: (traceId: string) => readonly string[],
): void {
	const touched = new Map<string, Set<string>>();
	for (const fact of fresh) {
		const letters = touched.get(fact.trace_id) ?? new Set();
		for (const id of lettersOf(sql, read, fact, told)) letters.add(id);
		if (letters.size > 0) touched.set(fact.trace_id, letters);
	}
	for (const [traceId, ids] of touched) {
		const trace = findEntries(sql, read, traceId) ?? [];
		for (const id of ids) writeLetter(sql, deadLetterOf(id, trace));
	}
}

/** An event that is told of after its letters says what they are about. */
function lettersOf(
	sql: SqlStorage,
	read: ReadChunk,
	fact: Fact,
	told: (traceId: string) => readonly string[],
): string[] {
	const { id } = fact.data;
	if (typeof id === "string") return [id];
	if (fact.kind !== "event.received" || !told(fact.trace_id).some((known) => known.startsWith("dead_letter:")))
		return [];
	const ids = (findEntries(sql, read, fact.trace_id) ?? []).map(({ data }) => data.id);
	return ids.filter((one) => typeof one === "string");
}

function writeLetter(sql: SqlStorage, letter: DeadLetter | null): void {
	if (letter === null) return;
	sql.exec(
		"INSERT INTO dead_letter (id, opened_at, state, group_id, doc) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, state = excluded.state, group_id = excluded.group_id, doc = excluded.doc",
		...[letter.id, letter.opened_at, letter.state, letter.group, JSON.stringify(letter)],
	);
}

export function findDeadLetter(sql: SqlStorage, id: string): DeadLetter | null {
	const row = sql.exec<{ doc: string }>("SELECT doc FROM dead_letter WHERE id = ?", id).toArray()[0];
	return row === undefined ? null : (JSON.parse(row.doc) as DeadLetter);
}

export function listDeadLetters(sql: SqlStorage, { cursor, limit, ...filter }: DeadLetterQuery): Page<DeadLetter> {
	const items: DeadLetter[] = [];
	let looked = 0;
	for (const letter of newestFirst(sql, filter, cursor)) {
		looked += 1;
		if (matchesLetter(letter, filter)) items.push(letter);
		if (items.length === limit || looked === LETTERS_PER_PAGE) return { items, cursor: placeOf(letter) };
	}
	return { items, cursor: null };
}

/** Those that wait for a person. */
export function listSelected(sql: SqlStorage, select: LetterSelection, page: PageQuery): Page<DeadLetter> {
	if (!("ids" in select)) return listDeadLetters(sql, { ...select, state: "open", ...page });
	const rest = selectedIds(sql, select).filter((id) => page.cursor === undefined || id > page.cursor);
	const items = rest.slice(0, page.limit).flatMap((id) => findDeadLetter(sql, id) ?? []);
	return { items, cursor: rest.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** Of a selection with more than `MOST_SELECTED` letters, one more than these. */
export function selectLetters(sql: SqlStorage, select: LetterSelection): DeadLetter[] {
	if ("ids" in select) return selectedIds(sql, select).flatMap((id) => findDeadLetter(sql, id) ?? []);
	const filter = { ...select, state: "open" as const };
	const found: DeadLetter[] = [];
	for (const letter of newestFirst(sql, filter)) {
		if (matchesLetter(letter, filter)) found.push(letter);
		if (found.length > MOST_SELECTED) break;
	}
	return found;
}

export function countSelected(sql: SqlStorage, select: LetterSelection): Selected {
	const letters = selectLetters(sql, select);
	const steps = new Map<string, Selected["steps"][number]>();
	for (const { workflow, version, step } of letters) {
		if (workflow === null || version === null || step === null || steps.size === MOST_STEPS) continue;
		const base = stepOfDocument(step);
		steps.set([workflow, version, base].join(" "), { workflow, version, step: base });
	}
	return { count: letters.length, most: MOST_SELECTED, steps: [...steps.values()] };
}

function selectedIds(sql: SqlStorage, { ids }: { ids: string[] }): string[] {
	return [...new Set(ids)].sort().filter((id) => findDeadLetter(sql, id)?.state === "open");
}

function* newestFirst(
	sql: SqlStorage,
	{ opened_before = Number.MAX_SAFE_INTEGER, opened_after = Number.MIN_SAFE_INTEGER }: LetterFilter,
	cursor = `${Number.MAX_SAFE_INTEGER}~`,
): Generator<DeadLetter> {
	const [at, id = ""] = cursor.split("~");
	const rows = sql.exec<{ doc: string }>(
		"SELECT doc FROM dead_letter WHERE (opened_at, id) < (?, ?) AND opened_at < ? AND opened_at > ? ORDER BY opened_at DESC, id DESC",
		...[Number(at), id, opened_before, opened_after],
	);
	for (const { doc } of rows) yield JSON.parse(doc) as DeadLetter;
}

function placeOf({ opened_at, id }: DeadLetter): string {
	return `${opened_at}~${id}`;
}

const EQUAL = [
	...(["state", "class", "workflow", "version", "connection"] as const),
	...(["source", "source_system", "trace_id", "run", "group"] as const),
];

/** Times were looked at before. */
function matchesLetter(letter: DeadLetter, filter: LetterFilter): boolean {
	const { step, entity, text } = filter;
	return (
		EQUAL.every((name) => filter[name] === undefined || letter[name] === filter[name]) &&
		(step === undefined || letter.step === step || letter.step?.startsWith(`${step}.`) === true) &&
		(entity === undefined || letter.entity_key === entity || isAbout(letter, entity)) &&
		(text === undefined || letter.reason.toLowerCase().includes(text.toLowerCase()))
	);
}

function isAbout({ entity_id, entity_key }: DeadLetter, entity: string): boolean {
	return entity_id === entity || entity_key === `e:${entity}`;
}
