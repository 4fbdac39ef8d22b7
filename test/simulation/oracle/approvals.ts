// Votes, counted once more: who was asked, each once, not on what they did themselves; enough of them approve, one rejects,
// and when the time is over the document says what that means.

import type { Run, StepState } from "../../../src/model/entity";
import type { Fact } from "../../../src/model/fact";
import { Violation } from "../violation";
import { type Cast, PEOPLE } from "../voters";
import type { RunCommit } from "../witness";
import type { Ends } from "./ends";
import { type Insight, stepIn } from "./insight";

interface Tally {
	of: string[];
	need: number;
	until: number;
	proceeds: boolean;
	allowsOwn: boolean;
	voted: Set<string>;
	approved: number;
	isRejected: boolean;
	isOpen: boolean;
}

const WITHIN: Record<string, number> = { "2m": 120_000, "1h": 3_600_000, "1d": 86_400_000 };

export class Approvals {
	readonly #tallies = new Map<string, Tally>();

	constructor(
		readonly insight: Insight,
		readonly ends: Ends,
	) {}

	readonly judge = ({ before, run, changed, facts }: RunCommit): void => {
		for (const step of changed) {
			const name = `${run.id} ${step.id}`;
			const isAsking = step.status === "asking";
			if (isAsking && stepIn(before, step.id)?.status !== "asking") this.#tallies.set(name, this.#open(run, step));
		}
		for (const fact of facts) if (fact.kind === "approval.voted") this.#count(run, fact);
		for (const step of changed) {
			const tally = this.#tallies.get(`${run.id} ${step.id}`);
			if (tally?.isOpen === true) this.#judgeStep(run, step, tally);
		}
	};

	#open(run: Run, step: StepState): Tally {
		const { world } = this.insight.history;
		const common = { voted: new Set<string>(), approved: 0, isRejected: false, isOpen: true };
		const input = this.insight.planOf(run, step)?.input;
		if (input === undefined) {
			const until = step.approval?.until ?? 0;
			return { ...common, of: [], need: 1, until, proceeds: false, allowsOwn: true };
		}
		return {
			...common,
			of: Array.isArray(input.of) ? input.of.map(String) : [],
			need: Number(input.need),
			until: world.now + (WITHIN[String(input.within)] ?? 0),
			proceeds: input.on_timeout === "proceed",
			allowsOwn: input.self_approval === true,
		};
	}

	#count(run: Run, { step = "", actor = "", data }: Fact): void {
		const tally = this.#tallies.get(`${run.id} ${step}`);
		const [voter = ""] = actor.split(" ");
		const name = `${run.id} ${step}: ${voter}`;
		if (tally === undefined || !tally.isOpen) throw new Violation(`${name} voted where nobody is asked`);
		if (!isAsked(tally, voter)) throw new Violation(`${name} voted, and was not asked`);
		if (!tally.allowsOwn && this.#isOwn(run, voter)) throw new Violation(`${name} voted on what they did themselves`);
		if (tally.voted.has(voter)) throw new Violation(`${name} has voted twice`);
		tally.voted.add(voter);
		if (data.vote === "reject") tally.isRejected = true;
		else tally.approved += 1;
	}

	#judgeStep(run: Run, step: StepState, tally: Tally): void {
		const name = `${run.id} ${step.id}`;
		const isEnough = tally.approved >= tally.need;
		if (step.status === "asking") {
			if (isEnough || tally.isRejected) throw new Violation(`${name} is decided, and still asks`);
			return;
		}
		tally.isOpen = false;
		const expected = this.#expected(run, tally, isEnough);
		const is = step.status === "failed" ? (step.class ?? "") : step.status;
		if (!expected.includes(is)) {
			throw new Violation(
				`${name} ended as ${is} with ${tally.approved} of ${tally.need} votes, and not as ${expected}`,
			);
		}
	}

	#expected(run: Run, { isRejected, until, proceeds }: Tally, isEnough: boolean): string[] {
		if (isRejected) return ["rejected"];
		if (isEnough) return ["succeeded"];
		const isStopped = this.ends.wasCancelled(run.id) || this.ends.isToUndo(run);
		const stopped = isStopped ? ["cancelled", "skipped"] : [];
		const isLate = this.insight.history.world.now >= until;
		return isLate ? [proceeds ? "succeeded" : "timeout", ...stopped] : stopped;
	}

	#isOwn(run: Run, voter: string): boolean {
		const person = personOf(voter);
		if (person?.name !== null && person?.name === run.asked_by) return true;
		return this.insight
			.eventsOf(run)
			.some(({ source_system, actor }) => person?.identities.includes(`${source_system}:${actor.id}`) === true);
	}

	/** What somebody was told of their vote, judged at the moment after. */
	judgeCast({ run, step, ballot, said }: Cast): void {
		const tally = this.#tallies.get(`${run} ${step}`);
		const known = this.insight.history.witness.runs.get(run)?.run;
		if (known === undefined || stepIn(known, step)?.status !== "asking") return;
		const name = `${run} ${step}: ${ballot.by}`;
		if (tally === undefined || said === "gone" || said === "over")
			throw new Violation(`${name} hears that it is ${said}`);
		const voter = ballot.by.split(" ")[0] ?? "";
		const expected = !isAsked(tally, voter)
			? "not_asked"
			: !tally.allowsOwn && this.#isOwn(known, voter)
				? "own"
				: tally.voted.has(voter)
					? ["counted", "voted_already"]
					: "none of these";
		if (!expected.includes(said)) throw new Violation(`${name} hears ${said}, and not ${expected}`);
	}
}

function personOf(voter: string) {
	const name = voter.startsWith("approver:") ? voter.slice("approver:".length) : null;
	return PEOPLE.find((person) => person.name === name);
}

function isAsked({ of }: Tally, voter: string): boolean {
	const person = personOf(voter);
	if (of.length === 0) return !voter.startsWith("approver:");
	if (person === undefined || person.name === null) return false;
	return of.includes(person.name) || person.teams.some((team) => of.includes(team));
}
