// One history: a scenario, the parties to it, and the promise that it comes to rest with everything in order.

import type { CanonicalEvent } from "../../src/model/event";
import type { Fact } from "../../src/model/fact";
import { call } from "./call";
import { type Action, Consumers } from "./consumer";
import { SimulatedEntity } from "./entity";
import { TENANT } from "./events";
import { checkAlarms, checkHistory } from "./invariants";
import { SimulatedLedger } from "./ledger";
import { Operator } from "./operator";
import { Oracle } from "./oracle/oracle";
import { Pauses } from "./pauses";
import { planOf } from "./planning";
import type { Plant } from "./plants";
import { SimulatedQueue } from "./queue";
import { Receiver } from "./receiver";
import { MapRows, type Rows } from "./rows";
import { type Scenario, scenarioOf } from "./scenario";
import { Sender } from "./sender";
import type { Shell } from "./shell";
import { Voters } from "./voters";
import { Witness } from "./witness";
import { START, World } from "./world";

export interface Options {
	plant?: Plant;
	/** Keeps a log of everything. */
	verbose?: boolean;
	rows?: (bytesOf: (event: CanonicalEvent) => number) => Rows;
	shell?: (history: History, key: string) => Shell;
}

export class History {
	readonly tenant = TENANT;
	readonly plant: Plant | null;
	readonly world: World;
	readonly scenario: Scenario;
	readonly witness: Witness;
	readonly receiver: Receiver;
	readonly voters: Voters;
	readonly pauses: Pauses;
	readonly oracle: Oracle;
	readonly ledger: SimulatedLedger;
	readonly actions: SimulatedQueue<Action>;
	readonly urgent: SimulatedQueue<Action>;
	readonly journal: SimulatedQueue<readonly Fact[]>;
	readonly entities = new Map<string, Shell>();
	readonly #shell: (key: string) => Shell;
	readonly #bytes = new Map<string, number>();

	constructor(seed: number, { plant, verbose = false, rows, shell }: Options = {}) {
		const world = new World(seed, verbose);
		this.plant = plant ?? null;
		this.world = world;
		this.scenario = scenarioOf(world.prng);
		world.calmAt = this.scenario.calmAt;
		world.troubles = this.scenario.troubles;
		this.witness = new Witness(world);
		this.receiver = new Receiver(world);
		this.voters = new Voters(this);
		this.pauses = new Pauses(this);
		this.oracle = new Oracle(this);
		this.ledger = new SimulatedLedger(world);
		const newRows = rows ?? ((bytesOf) => new MapRows(bytesOf));
		this.#shell = (key) => shell?.(this, key) ?? new SimulatedEntity(this, key, newRows(this.bytesOf));
		const consumers = new Consumers(this);
		const policy = { retries: 5, loses: true };
		this.actions = new SimulatedQueue(world, "actions", policy, consumers.consume, consumers.bury);
		this.urgent = new SimulatedQueue(world, "urgent", policy, consumers.consume, consumers.bury);
		this.journal = new SimulatedQueue(
			world,
			"journal",
			{ retries: 1_000, loses: false },
			this.ledger.consume,
			() => {},
		);
	}

	entity(key: string): Shell {
		const known = this.entities.get(key);
		if (known !== undefined) return known;
		const entity = this.#shell(key);
		this.entities.set(key, entity);
		return entity;
	}

	readonly bytesOf = (event: CanonicalEvent): number => {
		const known = this.#bytes.get(event.id);
		if (known !== undefined) return known;
		const bytes = JSON.stringify(event).length;
		this.#bytes.set(event.id, bytes);
		return bytes;
	};

	/** Throws what went wrong, if anything did. */
	play(): void {
		this.#plan();
		while (this.world.step()) checkAlarms(this);
		checkHistory(this);
	}

	/** The same where Entities answer later: each step is over when nothing is left to be done at once. */
	async playSlowly(): Promise<void> {
		this.#plan();
		while (this.world.step()) {
			await new Promise((resolve) => setImmediate(resolve));
			checkAlarms(this);
		}
		checkHistory(this);
	}

	#plan(): void {
		const { world, scenario } = this;
		const sender = new Sender(this);
		const operator = new Operator(this);
		for (const { event, at } of scenario.events) world.at(at, () => sender.send(event));
		for (const at of scenario.ticks) world.at(at, () => this.#tick(at));
		const span = scenario.calmAt - START;
		for (let n = 0; n < 3; n++) {
			world.at(START + world.prng.next() * span, () => this.#strike());
			world.at(START + world.prng.next() * span * 2, () => operator.look());
		}
	}

	/** Something breaks, in the middle of whatever is going on, and stays broken for a while. */
	#strike(): void {
		const { world } = this;
		if (world.now >= world.calmAt || world.troubles.crash === 0) return;
		const until = world.now + world.prng.pick([1_000, 60_000, 300_000, 7_200_000]);
		switch (world.prng.between(0, 4)) {
			case 0:
				this.actions.refusesUntil = until;
				return;
			case 1:
				this.journal.refusesUntil = until;
				return;
		}
		const victims = [...this.entities.values()];
		if (victims.length === 0) return;
		const victim = world.prng.pick(victims);
		if (world.prng.chance(0.5)) {
			victim.die("out of the blue");
			return;
		}
		victim.brokenUntil = Math.min(until, world.now + 300_000);
		world.say(victim.key, "cannot be run for a while");
	}

	#tick(at: number): void {
		const first = this.scenario.events[0]?.event;
		if (first === undefined) return;
		for (const workflow of this.scenario.workflows) {
			const plan = planOf(workflow, first, this.world.now);
			if (plan.timing.kind !== "aggregate" || plan.timing.when_empty !== "run" || plan.failed !== undefined) continue;
			const trace = at.toString(16).padStart(32, "f");
			call(
				this.world,
				() => this.entity(plan.entity_key).tick(plan, trace),
				() => {},
			);
		}
	}
}
