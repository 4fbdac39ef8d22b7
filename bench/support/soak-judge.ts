// What the admin API says at the end of a soak, held against what the oracle knows.
//
// The local emulator's queues live in memory: a kill takes the journal's messages with it that were under way, which the
// platform's queues would have kept. What the journal does not know for that reason is counted apart, and only near a kill.

import type { Api } from "../../scripts/support/api.ts";
import type { RunSummary, StepView, Wait } from "../../src/model/ledger.ts";
import type { DeadLetter } from "../../src/model/letter.ts";
import { isOverdue } from "./soak-load.ts";
import { hasEffect, isRefused, missing, type Oracle, type Taken } from "./soak-oracle.ts";
import { TENANTS } from "./soak-workflows.ts";

/** Facts wait 5 s for company, and a second in the queue; a turn is seldom far from the one before. */
const NEAR_KILL_MS = 20_000;

export interface Books {
	runs: RunSummary[];
	letters: DeadLetter[];
	waits: Wait[];
}

export interface Verdict {
	lost: string[];
	/** Events without their effects whose letter or wait accounts for them. */
	lettered: number;
	waiting: number;
	unended: string[];
	/** What the journal was not told, each near a kill. */
	gaps: string[];
	letterless: string[];
	uncompensated: string[];
	runs: Record<string, number>;
	letters: Record<string, number>;
}

export async function readBooks(api: Api): Promise<Map<string, Books>> {
	const books = new Map<string, Books>();
	for (const tenant of TENANTS) {
		books.set(tenant, {
			runs: await all<RunSummary>(api, `/tenants/${tenant}/runs`),
			letters: await all<DeadLetter>(api, `/tenants/${tenant}/dead-letters`),
			waits: await all<Wait>(api, `/tenants/${tenant}/waiting`),
		});
	}
	return books;
}

/** How many runs the journal holds for unfinished. */
export async function openRuns(api: Api): Promise<number> {
	let open = 0;
	for (const tenant of TENANTS) {
		for (const status of ["running", "compensating"]) {
			open += (await all<RunSummary>(api, `/tenants/${tenant}/runs?status=${status}`)).length;
		}
	}
	return open;
}

async function all<T>(api: Api, path: string): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null = "";
	while (cursor !== null) {
		const more: string = `${path.includes("?") ? "&" : "?"}limit=100${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
		const page = (await api.get(`${path}${more}`)) as { items: T[]; cursor: string | null };
		items.push(...page.items);
		cursor = page.cursor;
	}
	return items;
}

export async function judge(
	api: Api,
	oracle: Oracle,
	books: Map<string, Books>,
	kills: readonly number[],
): Promise<Verdict> {
	const verdict: Verdict = {
		...{ lost: [], lettered: 0, waiting: 0, unended: [], gaps: [], letterless: [], uncompensated: [] },
		...{ runs: {}, letters: {} },
	};
	for (const [tenant, own] of books) {
		const lettered = new Set(own.letters.map(({ run }) => run));
		for (const { status } of own.runs) verdict.runs[status] = (verdict.runs[status] ?? 0) + 1;
		for (const letter of own.letters) verdict.letters[letter.class] = (verdict.letters[letter.class] ?? 0) + 1;
		for (const run of own.runs) await judgeRun({ api, tenant, oracle, kills, verdict, lettered }, run);
		for (const taken of oracle.taken.values()) {
			if (taken.tenant === tenant) await judgeEvent({ api, tenant, oracle, kills, verdict, lettered }, own, taken);
		}
	}
	return verdict;
}

interface Case {
	api: Api;
	tenant: string;
	oracle: Oracle;
	kills: readonly number[];
	verdict: Verdict;
	/** Runs that have a dead letter. */
	lettered: Set<string | null>;
}

/** An event that was answered with 200 has its effects, or a letter, or is waited for by name. */
async function judgeEvent(of: Case, own: Books, taken: Taken): Promise<void> {
	const { api, tenant, oracle, kills, verdict, lettered } = of;
	const lacks = missing(oracle, taken);
	if (lacks.length === 0 && !taken.alone) return;
	if (taken.alone && own.waits.some((wait) => isJoinOf(wait, taken))) {
		verdict.waiting += 1;
		return;
	}
	const facts = await factsOf(api, tenant, taken.event);
	const runs = new Set(facts.map(({ run }) => run));
	if ([...runs].some((run) => run !== undefined && lettered.has(run))) {
		verdict.lettered += 1;
		return;
	}
	const isNear = nearKill(kills, Math.max(taken.at, ...facts.map(({ at }) => at)));
	const told = `${tenant} ${taken.kind} ${taken.event} lacks ${lacks.join(", ") || "its letter"}`;
	if (taken.alone && (isNear || !isOverdue(taken, Date.now()))) verdict.gaps.push(told);
	else verdict.lost.push(`${told}; the journal knows ${facts.map(({ kind }) => kind).join(", ") || "nothing"}`);
}

function isJoinOf(wait: Wait, { issue }: Taken): boolean {
	return wait.kind === "join" && JSON.stringify(wait).includes(String(issue));
}

async function factsOf(api: Api, tenant: string, event: string): Promise<{ kind: string; run?: string; at: number }[]> {
	const found = await api.get(`/tenants/${tenant}/events/${event}`).catch(() => null);
	return (found as { facts: { kind: string; run?: string; at: number }[] } | null)?.facts ?? [];
}

/** A run has ended, or waits for something that it names; one that failed has its letter; one that undid has undone. */
async function judgeRun(of: Case, run: RunSummary): Promise<void> {
	const { api, tenant, oracle, kills, verdict } = of;
	const told = `${tenant} ${run.id} ${run.status}`;
	switch (run.status) {
		case "running":
		case "compensating": {
			if (run.waits.length > 0) return;
			const story = (await api.get(`/tenants/${tenant}/runs/${encodeURIComponent(run.id)}`)) as {
				steps: StepView[];
				facts: { at: number; kind: string; step?: string; data: { outcome?: string; status?: string } }[];
			};
			// The next attempt of a step, or of its undo.
			if (story.steps.some(({ until }) => (until ?? 0) > Date.now())) return;
			const last = Math.max(run.started_at, ...story.facts.map(({ at }) => at));
			const facts = story.facts.map(
				({ at, kind, step = "", data }) =>
					`${at - run.started_at} ${kind} ${step} ${data.outcome ?? data.status ?? ""}`,
			);
			const steps = story.steps.map(({ id, status }) => `${id} ${status}`);
			const all = `${told} (${steps.join(", ")}), began ${run.started_at}: ${facts.join("; ")}`;
			(nearKill(kills, last) ? verdict.gaps : verdict.unended).push(all);
			return;
		}
		case "compensated":
			if (!isUndone(oracle, run)) verdict.uncompensated.push(told);
			return judgeLetter(of, run);
		case "failed":
		case "partial":
		case "compensation_failed":
			return judgeLetter(of, run);
		case "succeeded":
		case "cancelled":
			return;
	}
}

/** Also where everything was undone, what failed stays in the letters. */
function judgeLetter({ tenant, kills, verdict, lettered }: Case, { id, status, finished_at }: RunSummary): void {
	if (lettered.has(id)) return;
	const told = `${tenant} ${id} ${status} without a letter`;
	(nearKill(kills, finished_at ?? 0) ? verdict.gaps : verdict.letterless).push(told);
}

/** What took effect is taken back. A second message that no probe could see stays: nobody knows of it. */
function isUndone(oracle: Oracle, { event }: RunSummary): boolean {
	const has = (what: string) => hasEffect(oracle, event ?? "", what);
	return (!has("saga.reserve") || has("saga.unreserve")) && (!has("saga.announce") || has("saga.unannounce"));
}

function nearKill(kills: readonly number[], at: number): boolean {
	return kills.some((kill) => kill - at < NEAR_KILL_MS && at - kill < NEAR_KILL_MS);
}

/** Messages of sagas that were refused for good and still stand. */
export function standing(oracle: Oracle): number {
	return [...oracle.messages.values()]
		.flat()
		.filter((message) => message.key.endsWith(".saga.announce") && !oracle.deleted.has(message))
		.filter(({ key }) => isRefused(oracle.taken.get(`evt_${key.slice(3).split(".")[0]}`)?.number ?? 1)).length;
}

export interface Audit {
	tenant: string;
	ok: boolean;
	entries: number;
}

export async function verifyAudit(api: Api): Promise<Audit[]> {
	const audits: Audit[] = [];
	for (const tenant of TENANTS) {
		const { ok, entries } = (await api.get(`/tenants/${tenant}/audit/verify`)) as Audit;
		audits.push({ tenant, ok, entries });
	}
	return audits;
}
