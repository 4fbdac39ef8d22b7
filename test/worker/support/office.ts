// A tenant whose workflows act on targets: configuration over the admin API, events straight into Entities, and the
// actions queue carried to its consumer by hand.

import { env } from "cloudflare:workers";
import { consumeActions } from "../../../src/delivery/consumer";
import type { Fact } from "../../../src/model/fact";
import type { JsonObject } from "../../../src/model/json";
import type { StepPlan } from "../../../src/model/plan";
import { must } from "../admin";
import { consume, type Fate } from "./batch";
import { Subject } from "./entity";
import type { HeldQueues } from "./queues";
import { event, immediate, plan, runId, step } from "./things";

export interface OfficeStep extends Partial<StepPlan> {
	id: string;
	connection: string;
	use?: string;
	with?: JsonObject;
}

/** One run of one event, in an Entity of its own. */
export interface Started {
	home: Subject;
	run: string;
}

let last = 0;

export class Office {
	private constructor(
		readonly tenant: string,
		readonly queues: HeldQueues,
	) {}

	static async open(queues: HeldQueues): Promise<Office> {
		const office = new Office(`office-${++last}`, queues);
		await must("PUT", office.path(""), { body: {} });
		await must("PUT", office.path("/sources/tracker"), { body: { connector: "token", secrets: ["a shared token"] } });
		return office;
	}

	path(rest: string): string {
		return `/tenants/${this.tenant}${rest}`;
	}

	/** A connection to a target; with `parts`, another one than that of plain HTTP without credentials. */
	async connect(name: string, base_url: string, parts: { connector?: string; credentials?: JsonObject } = {}) {
		const { connector = "http", credentials = {} } = parts;
		await must("PUT", this.path(`/connections/${name}`), {
			body: { connector, owner: "tests", config: { base_url }, credentials },
		});
	}

	/** Publishes a workflow with these steps; its version. Steps wait five seconds for an answer. */
	async publish(name: string, steps: OfficeStep[]): Promise<number> {
		const document = {
			name,
			owner: "tests",
			on: { source: "tracker", event: "*" },
			steps: steps.map(
				({ id, connection, use = "http.request", with: input, timeout_ms = 5_000, on_unknown = "retry" }) => ({
					id,
					use,
					connection,
					timeout: `${timeout_ms}ms`,
					on_unknown,
					with: input ?? { path: `/${id}`, body: { n: `\${{ event.data.n }}` } },
				}),
			),
		};
		return (await must("POST", this.path("/workflows"), { body: document })).body.version;
	}

	/** Publishes a workflow and starts a run of it. */
	async start(name: string, steps: OfficeStep[]): Promise<Started> {
		return this.startAgain(name, steps, await this.publish(name, steps));
	}

	async startAgain(name: string, steps: OfficeStep[], version = 1): Promise<Started> {
		const n = ++last;
		const entity = `tracker/job/${n}`;
		const home = new Subject(`e:${entity}`, this.tenant);
		const plans = steps.map(({ use: _, with: __, ...parts }) => step(parts.id, { timeout_ms: 500, ...parts }));
		await home.calls.accept({
			event: event(n, entity, { tenant_id: this.tenant }),
			plans: [plan(home.key, immediate, { workflow: name, version, steps: plans })],
			unmatched: [],
		});
		return { home, run: runId(n, name) };
	}

	/** Carries everything on the actions queue to its consumer, in one batch; the fates of the messages. */
	async deliver(): Promise<Fate[]> {
		return consume(consumeActions, this.queues.actions.sent.splice(0));
	}

	/** What the journal was told so far, once the Entity has told everything. */
	async facts({ home }: Started, advance: (ms: number) => void): Promise<Fact[]> {
		advance(5_000);
		await home.ring();
		return this.queues.journal.sent.filter(({ tenant }) => tenant === this.tenant).flatMap(({ facts }) => facts);
	}
}

/** Puts other bindings in place until the answer is called. */
export function replaceBindings(others: Record<string, unknown>): () => void {
	const bindings = env as unknown as Record<string, unknown>;
	const real = Object.fromEntries(Object.keys(others).map((name) => [name, bindings[name]]));
	Object.assign(bindings, others);
	return () => Object.assign(bindings, real);
}
