// A person at the console: looks at what failed and sends some of it on, throws some of it away, cancels, repeats, lets runs
// go on, pauses workflows, and does not always hear whether that worked.

import { keepRunUntil } from "../../src/core/run/run";
import type { Run, StepState } from "../../src/model/entity";
import type { Work } from "../../src/model/plan";
import { call } from "./call";
import type { History } from "./history";
import { versionAt, workOf } from "./planning";
import type { Shell } from "./shell";
import { Violation } from "./violation";

const MAX_ACTIONS = 3;
const MAX_ORDERS = 3;
const NAMES = ["again", "once-more"] as const;
const PAUSES_MS = [60_000, 1_000_000, 10_000_000] as const;

export class Operator {
	#actions = 0;
	#orders = 0;

	constructor(readonly history: History) {}

	look(): void {
		const { witness, scenario } = this.history;
		for (const { run, entity_key } of witness.runs.values()) {
			for (const step of run.steps) {
				if (step.status !== "failed" || step.discarded === true || this.#actions >= MAX_ACTIONS) continue;
				this.#actions += 1;
				this.#settle(entity_key, run, step);
			}
		}
		if (scenario.isOrchestrated) this.#order();
	}

	#settle(entity_key: string, run: Run, { id, status }: StepState): void {
		const { witness, world } = this.history;
		const isKept = world.prng.chance(0.75);
		world.say("operator", isKept ? "resumes" : "discards", run.id, id, status);
		this.#ask(
			entity_key,
			(entity) => (isKept ? entity.resume(run.id, id) : entity.discard(run.id, id)),
			(answer) => {
				const { run: now } = witness.runs.get(run.id) ?? { run };
				const step = now.steps.find((one) => one.id === id);
				const isOpen = step?.status === "failed" && step.discarded !== true;
				if (answer === "gone" && isOpen && keepRunUntil(now) > world.now) {
					throw new Violation(`${run.id} ${id} stands in the dead letters, but its Entity has forgotten it`);
				}
			},
		);
	}

	/** One wish about one run or one workflow. */
	#order(): void {
		const { witness, world, scenario, pauses } = this.history;
		const runs = [...witness.runs.values()];
		if (runs.length === 0 || this.#orders >= MAX_ORDERS) return;
		this.#orders += 1;
		// One that has gone on with another version has the most to get wrong.
		const moved = runs.filter(({ run }) => run.steps.some(({ version }) => version !== undefined));
		const { run, entity_key } = world.prng.pick(moved.length > 0 ? moved : runs);
		switch (world.prng.between(0, 4)) {
			case 0:
				this.#cancel(entity_key, run);
				break;
			case 1:
				this.#resumeRun(entity_key, run);
				break;
			case 2:
				this.#rerun(entity_key, run);
				break;
			case 3:
				pauses.pause(world.prng.pick(scenario.workflows).name, world.now + world.prng.pick(PAUSES_MS));
				break;
		}
	}

	#cancel(entity_key: string, run: Run): void {
		const { world } = this.history;
		const compensate = world.prng.chance(0.5);
		world.say("operator", "cancels", run.id, compensate);
		this.#ask(entity_key, (entity) => entity.cancel(run.id, { by: "operator", reason: "no", compensate }));
	}

	#resumeRun(entity_key: string, run: Run): void {
		const { world } = this.history;
		const work = this.#currentWork(run);
		const order = { by: "operator", ...(work === null ? {} : { work }) };
		world.say("operator", "resumes", run.id, work === null ? "" : `on version ${work.version}`);
		this.#ask(entity_key, (entity) => entity.resumeRun(run.id, order));
	}

	/** Often twice under one name. */
	#rerun(entity_key: string, run: Run): void {
		const { world, oracle } = this.history;
		const asked = world.prng.chance(0.3) ? { asked_by: "ann" } : {};
		const work = this.#currentWork(run);
		const order = { by: "operator", name: world.prng.pick(NAMES), ...asked, ...(work === null ? {} : { work }) };
		for (let n = world.prng.between(1, 2); n > 0; n--) {
			world.say("operator", "repeats", run.id, order.name);
			this.#ask(
				entity_key,
				(entity) => entity.rerun(run.id, order),
				(answer) => oracle.orders.judgeRerun(run.id, order, answer),
			);
		}
	}

	/** Sometimes it is to go on as the workflow is published now. */
	#currentWork({ workflow: name }: Run): Work | null {
		const { world, scenario } = this.history;
		const workflow = scenario.workflows.find((one) => one.name === name);
		if (workflow === undefined || world.prng.chance(0.4)) return null;
		return workOf(workflow, versionAt(workflow, world.now));
	}

	#ask<T>(key: string, ask: (entity: Shell) => T | Promise<T>, heard: (answer: T) => void = () => {}): void {
		call(
			this.history.world,
			() => ask(this.history.entity(key)),
			(answer) => answer.ok && heard(answer.value),
		);
	}
}
