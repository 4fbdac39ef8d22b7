// Facts of one run, told by hand: each a second after the one before, unless it happens in the same turn.

import type { Fact } from "../../src/model/fact";
import { canonicalText, type JsonObject } from "../../src/model/json";
import type { Entry } from "../../src/model/ledger";

export const T0 = Date.UTC(2026, 10, 20, 9);
export const TRACE = "0".repeat(31).concat("1");
export const RUN = `run_${TRACE}.wf`;

export interface Told {
	kind: Fact["kind"];
	data?: JsonObject;
	step?: string;
	actor?: string;
	version?: number;
	/** In the same turn as the fact before. */
	also?: true;
}

export interface Place {
	tenant?: string;
	trace?: string;
	workflow?: string;
	from?: number;
}

export function factsOf(
	story: readonly Told[],
	{ tenant = "acme", trace = TRACE, workflow = "wf", from = T0 }: Place = {},
): Fact[] {
	let at = from - 1_000;
	return story.map(({ kind, data = {}, step, actor, version = 1, also }) => {
		if (also === undefined) at += 1_000;
		return {
			...{ id: `${kind}:${workflow}:${step ?? ""}:${at}:${canonicalText(data)}`, at, tenant, kind, trace_id: trace },
			...{ workflow, version, run: `run_${trace}.${workflow}`, classification: "internal" },
			...(kind === "run.started" || kind === "join.waiting" ? { entity_key: "e:tracker/issue/1" } : {}),
			...(step === undefined ? {} : { step }),
			...(actor === undefined ? {} : { actor }),
			data,
		};
	});
}

/** As they stand in the chain if they arrive in this order. */
export function entriesOf(facts: readonly Fact[]): Entry[] {
	return facts.map((fact, n) => ({ ...fact, seq: n + 1, hash: "" }));
}

/** The same facts in other orders of arrival: reversed, and some that a seed makes. */
export function arrivals(facts: readonly Fact[]): Fact[][] {
	return [[...facts], facts.toReversed(), ...[3, 7, 11, 19].map((seed) => shuffled(facts, seed))];
}

function shuffled(facts: readonly Fact[], seed: number): Fact[] {
	return facts
		.map((fact, n) => ({ fact, place: ((n + 1) * seed * 7_919) % 101 }))
		.sort((a, b) => a.place - b.place)
		.map(({ fact }) => fact);
}

export const started = (...steps: string[]): Told => ({ kind: "run.started", data: { steps } });
export const ended = (status: string, data: JsonObject = {}): Told => ({
	kind: "run.finished",
	data: { status, ...data },
});
export const ok = (step: string): Told => ({ kind: "attempt.finished", step, data: { outcome: "succeeded" } });
export const not = (step: string, reason = "404"): Told => ({
	kind: "attempt.finished",
	step,
	data: { outcome: "permanent", class: "not_found", reason },
});
export const again = (step: string, next_at: number): Told => ({
	kind: "attempt.finished",
	step,
	data: { outcome: "transient", reason: "503", next_at },
});
export const stepEnded = (step: string, data: JsonObject): Told => ({ kind: "step.ended", step, data });
export const letter = (step: string, what: "opened" | "retried" | "discarded" | "resolved" = "opened"): Told => ({
	kind: `dead_letter.${what}`,
	step,
	data: { id: `dl_${step}`, ...(what === "opened" ? { class: "not_found", reason: "404" } : { by: "ann" }) },
});
export const asks = (step: string, until: number): Told => ({
	kind: "step.waiting",
	step,
	data: { for: "approval", until, of: ["legal", "finance"], need: 2, ask: "Ship it?" },
});
export const sleeps = (step: string, until: number): Told => ({
	kind: "step.waiting",
	step,
	data: { for: "time", until },
});
export const votes = (step: string, actor: string, approved: number, vote = "approve"): Told => ({
	kind: "approval.voted",
	step,
	actor,
	data: { vote, approved, need: 2, ...(vote === "reject" ? { comment: "not yet" } : {}) },
});
export const joins = (have: string[], missing: string[], until: number): Told => ({
	kind: "join.waiting",
	data: { branch: have.at(-1) ?? "", have, missing, until, opened_at: T0 },
});
export const also = (told: Told): Told => ({ ...told, also: true });
