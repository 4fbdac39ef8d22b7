// What happened in many histories, in numbers: those in which nothing happens would keep every promise too.

import type { FACT_KINDS } from "../../src/model/fact";
import type { History } from "./history";

export interface Tally {
	common: Record<"steps" | "runs" | "deaths" | "requests" | "repeats" | "letters" | "resumed", number>;
	/** Of what only some histories have. */
	rare: Record<
		"votes" | "undone" | "compensated" | "told" | "joins" | "late" | "unchanged" | "items" | "held" | Order,
		number
	>;
}

type Order = "cancelled" | "went_on" | "moved" | "repeated" | "discarded";

export function emptyTally(): Tally {
	return {
		common: { steps: 0, runs: 0, deaths: 0, requests: 0, repeats: 0, letters: 0, resumed: 0 },
		rare: {
			votes: 0,
			undone: 0,
			compensated: 0,
			told: 0,
			joins: 0,
			late: 0,
			unchanged: 0,
			items: 0,
			held: 0,
			cancelled: 0,
			went_on: 0,
			moved: 0,
			repeated: 0,
			discarded: 0,
		},
	};
}

export function count({ common, rare }: Tally, history: History): void {
	const { witness, world, receiver, ledger, entities } = history;
	const facts = [...witness.facts.values()];
	const told = (kind: (typeof FACT_KINDS)[number]) => facts.filter((fact) => fact.kind === kind).length;
	const runs = [...witness.runs.values()].map(({ run }) => run);
	const steps = runs.flatMap((run) => run.steps);
	const verdicts = [...witness.judged.values()].flat().map(({ verdict }) => verdict.verdict);
	common.steps += world.steps;
	common.runs += runs.length;
	common.deaths += [...entities.values()].reduce((deaths, { life }) => deaths + life, 0);
	common.requests += receiver.received.length;
	common.repeats += ledger.repeats;
	common.letters += told("dead_letter.opened");
	common.resumed += told("dead_letter.retried");
	rare.votes += told("approval.voted");
	rare.undone += receiver.effects.filter(({ kind }) => kind === "undo").length;
	rare.compensated += runs.filter(({ status }) => status === "compensated").length;
	rare.told += steps.filter(({ kind }) => kind === "on_failure").length;
	rare.joins += runs.filter(({ window }) => Object.keys(window?.branches ?? {}).length > 0).length;
	rare.late += verdicts.filter((verdict) => verdict === "late").length;
	rare.unchanged += steps.filter(({ reason }) => reason?.startsWith("nothing has changed") === true).length;
	rare.items += steps.filter(({ kind }) => kind === "item").length;
	rare.held += witness.held;
	rare.cancelled += told("run.cancelled");
	rare.went_on += told("run.resumed");
	rare.moved += facts.filter(({ kind, data }) => kind === "run.resumed" && data.version !== data.from_version).length;
	rare.repeated += runs.filter(({ repeats }) => repeats !== undefined).length;
	rare.discarded += told("dead_letter.discarded");
}
