// One key, one effect: what a target recognises happens once, what it does not happens again only where nobody could have
// looked and the author wanted it tried again, or a person did, or a consumer had stalled for longer than its lease.

import { ACTIONS, type Use } from "../graph";
import { doneBy, type Effect } from "../receiver";
import { Violation } from "../violation";
import { type Insight, stepIn } from "./insight";

export class Once {
	constructor(readonly insight: Insight) {}

	/** When something happens in the world; it stands in the list already. */
	readonly happens = (effect: Effect): void => {
		const { receiver, witness } = this.insight.history;
		const same = receiver.effects.filter(({ key }) => key === effect.key);
		if (same.length < 2 || same.some(({ isStale }) => isStale)) return;
		const run = witness.runs.get(effect.run)?.run;
		const step = stepIn(run, effect.step);
		if (run === undefined || step === undefined || step.resumed > 0) return;
		const origin = stepIn(run, doneBy(effect)) ?? step;
		const document = this.insight.planOf(run, origin);
		const plan = effect.kind === "undo" ? document?.undo : document;
		if (plan === undefined) throw new Violation(`${effect.key} happened, and no document says so`);
		const isBlind = !ACTIONS[plan.use as Use].probe && plan.on_unknown === "retry";
		if (!isBlind) throw new Violation(`${effect.run} ${effect.step} happened twice`);
	};
}
