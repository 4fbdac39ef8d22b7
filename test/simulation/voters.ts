// People who are asked to approve: some vote twice, some are not asked, some vote on what they did themselves, and some
// never answer. What the Entity said to each is compared with what it had to say.

import type { StepState } from "../../src/model/entity";
import type { Ballot, VoteAnswer } from "../../src/model/message";
import { call } from "./call";
import type { History } from "./history";
import { asAnother } from "./plants";
import type { Prng } from "./prng";

interface Person {
	name: string | null;
	teams: string[];
	identities: string[];
}

export const PEOPLE: readonly Person[] = [
	{ name: "ann", teams: ["legal"], identities: ["crm:u_ann", "billing:u_ann"] },
	{ name: "bob", teams: ["legal"], identities: ["crm:u_bob", "billing:u_bob"] },
	{ name: "cyd", teams: ["finance"], identities: [] },
	{ name: "dan", teams: [], identities: [] },
	{ name: null, teams: [], identities: [] },
];

/** One who said something, and what came of it; null if nobody knows. */
export interface Cast {
	run: string;
	step: string;
	ballot: Ballot;
	said: VoteAnswer;
}

const MAX_BALLOTS = 4;

export class Voters {
	/** How many votes were heard. */
	cast = 0;

	constructor(readonly history: History) {}

	/** A step asks; some of those who hear of it answer. */
	hear(entity_key: string, run: string, { id, approval }: StepState): void {
		if (approval === undefined) return;
		const { world } = this.history;
		const span = Math.max(1, approval.until - world.now);
		for (let n = world.prng.between(0, MAX_BALLOTS); n > 0; n--) {
			const ballot = ballotOf(world.prng);
			const at = world.now + Math.floor(world.prng.next() * span * 1.1);
			world.at(at, () => this.#vote(entity_key, run, id, ballot));
			if (world.prng.chance(0.3)) world.at(at + 1_000, () => this.#vote(entity_key, run, id, ballot));
		}
	}

	#vote(entity_key: string, run: string, step: string, ballot: Ballot): void {
		const { history } = this;
		history.world.say("voter", ballot.by, ballot.vote, run, step);
		const sent = history.plant === "voter_twice" ? asAnother(ballot, this.cast) : ballot;
		call(
			history.world,
			() => this.#note(history.entity(entity_key).vote(run, step, sent), { run, step, ballot, said: "gone" }),
			() => {},
		);
	}

	/** When it is heard, not when the answer comes back. */
	#note(answer: VoteAnswer | Promise<VoteAnswer>, cast: Cast): VoteAnswer | Promise<VoteAnswer> {
		const note = (said: VoteAnswer) => {
			this.cast += 1;
			this.history.oracle.approvals.judgeCast({ ...cast, said });
			return said;
		};
		return answer instanceof Promise ? answer.then(note) : note(answer);
	}
}

function ballotOf(prng: Prng): Ballot {
	const { name, teams, identities } = prng.pick(PEOPLE);
	const by = name === null ? `operator:${prng.pick(["eva", "fred"])}` : `approver:${name}`;
	return { approver: name, by, teams, identities, vote: prng.chance(0.8) ? "approve" : "reject" };
}
