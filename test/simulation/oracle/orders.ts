// What operators want is what happens: a cancelled run begins nothing new, what was asked twice under one name is one run,
// and nothing of a paused workflow reaches the target.

import type { RerunOrder } from "../../../src/model/message";
import { UNDER_WAY_MS } from "../pauses";
import type { Request } from "../receiver";
import type { Rerun } from "../shell";
import { Violation } from "../violation";
import type { Claimed } from "../witness";
import type { Ends } from "./ends";
import type { Insight } from "./insight";

export class Orders {
	readonly #reruns = new Map<string, string>();

	constructor(
		readonly insight: Insight,
		readonly ends: Ends,
	) {}

	readonly judgeClaim = ({ run, step, lease }: Claimed): void => {
		if (this.ends.wasCancelled(run.id) && lease.kind !== "undo") {
			throw new Violation(`${run.id} was cancelled, and ${step.id} begins`);
		}
	};

	readonly judgeRequest = ({ run, step }: Pick<Request, "run" | "step">): void => {
		const { pauses, world } = this.insight.history;
		const since = pauses.since(run);
		if (since !== null && world.now - since > UNDER_WAY_MS) {
			throw new Violation(`${run} ${step} was sent, and its workflow has been paused since ${since}`);
		}
	};

	/** The answer to somebody who asked for a run once more. */
	judgeRerun(source: string, { name }: RerunOrder, answer: Rerun): void {
		if (answer.said !== "ok") return;
		const asked = `${source} ${name}`;
		const known = this.#reruns.get(asked) ?? answer.run;
		if (known !== answer.run) throw new Violation(`${asked} became ${known} and ${answer.run}`);
		this.#reruns.set(asked, known);
		const run = this.insight.history.witness.runs.get(known)?.run;
		if (run?.repeats !== source) throw new Violation(`${asked} became ${known}, which repeats ${run?.repeats}`);
	}

	check(): void {
		const { witness } = this.insight.history;
		const repeats = [...witness.runs.values()].filter(({ run }) => run.repeats !== undefined);
		for (const { run } of repeats) {
			const name = run.id.split(".").at(-1);
			const same = repeats.filter(({ run: other }) => other.repeats === run.repeats && other.id.endsWith(`.${name}`));
			if (same.length > 1) throw new Violation(`${run.repeats} was repeated ${same.length} times as ${name}`);
		}
	}
}
