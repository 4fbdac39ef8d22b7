// All that is judged of runs, in one place: at every commit, at every claim, at everything that happens in the world, and
// once everything has come to rest.

import type { History } from "../history";
import { Approvals } from "./approvals";
import { Beginnings } from "./beginnings";
import { Ends } from "./ends";
import { Insight } from "./insight";
import { checkJoins } from "./joins";
import { Once } from "./once";
import { Orders } from "./orders";
import { Successes } from "./successes";
import { Unchanged } from "./unchanged";
import { Undoing } from "./undoing";

export class Oracle {
	readonly insight: Insight;
	readonly approvals: Approvals;
	readonly orders: Orders;
	readonly undoing: Undoing;

	constructor(readonly history: History) {
		this.insight = new Insight(history);
		const ends = new Ends(this.insight);
		this.approvals = new Approvals(this.insight, ends);
		this.orders = new Orders(this.insight, ends);
		this.undoing = new Undoing(this.insight, ends);
		const beginnings = new Beginnings(this.insight);
		const successes = new Successes(this.insight);
		const unchanged = new Unchanged(this.insight);
		const once = new Once(this.insight);
		const { witness, receiver, voters } = history;
		witness.onRun.push(successes.judge, beginnings.judge, unchanged.judge, ends.judge, this.approvals.judge);
		witness.onRun.push(this.undoing.judge);
		witness.onRun.push(({ entity_key, before, run, changed }) => {
			for (const step of changed) {
				const isNew = step.status === "asking" && before?.steps.find(({ id }) => id === step.id)?.status !== "asking";
				if (isNew) voters.hear(entity_key, run.id, step);
			}
		});
		witness.onClaim.push(this.orders.judgeClaim);
		receiver.onEffect.push(this.undoing.happens, once.happens);
		receiver.onRequest.push(this.orders.judgeRequest);
	}

	/** Once everything has come to rest. */
	check(): void {
		checkJoins(this.insight);
		this.orders.check();
		for (const { run } of this.history.witness.runs.values()) this.undoing.checkWorld(run);
	}
}
