// A tenant as its people see it: configured and read over the admin API, fed through the door.

import { exports } from "cloudflare:workers";
import type { Arrived } from "../../../scripts/support/receiver";
import type { StepState } from "../../../src/model/entity";
import type { JsonObject } from "../../../src/model/json";
import type { Entry, RunSummary, RunView } from "../../../src/model/ledger";
import type { DeadLetter } from "../../../src/model/letter";
import type { Scope } from "../../../src/registry/token";
import { type Answer, call, must, tokenFor } from "../../worker/admin";
import { handedOn, storedRuns, watch } from "./entities";
import { arrivedAt, systemAt } from "./outside";
import { SECRETS, type Sent } from "./senders";
import { pass, TELLING_MS, until } from "./time";

const CONNECTORS = { github: "github", stripe: "stripe", accounts: "standard-webhooks", shop: "token" } as const;

/** What a system wants to be shown, by the connector that acts there. */
const CREDENTIALS = {
	github: { token: "a-very-secret-token" },
	http: {},
	slack: { token: "xoxb-very-secret" },
} as const;
export type Acting = keyof typeof CREDENTIALS;

export class Tenant {
	private constructor(readonly name: string) {}

	/** A new tenant with these sources. */
	static async create(...sources: (keyof typeof CONNECTORS)[]): Promise<Tenant> {
		// Files run side by side and share the outside world.
		const tenant = new Tenant(`acme-${crypto.randomUUID().slice(0, 8)}`);
		watch(tenant.name);
		await must("PUT", tenant.base, { body: {} });
		for (const source of sources) await tenant.source(source, CONNECTORS[source], SECRETS[source]);
		return tenant;
	}

	get base(): string {
		return `/tenants/${this.name}`;
	}

	call(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
		return call(method, this.base + path, { body, ...(token === undefined ? {} : { token }) });
	}

	/** Throws unless the answer is a success. */
	must(method: string, path: string, body?: unknown): Promise<Answer> {
		return must(method, this.base + path, { body });
	}

	async source(name: string, connector: string, secret: string, config: JsonObject = {}): Promise<void> {
		await this.must("PUT", `/sources/${name}`, { connector, config, secrets: [secret] });
	}

	/** The place of a system of this tenant, for scripts and for what arrived there. */
	place(system: string): string {
		return `/${this.name}/${system}`;
	}

	/** A new tenant with a shop, these systems, and one workflow. */
	static async running(document: JsonObject, ...systems: string[]): Promise<Tenant> {
		const tenant = await Tenant.create("shop");
		for (const system of systems) await tenant.connect(system);
		await tenant.publish(document);
		return tenant;
	}

	/** A connection to the system of the same name, or to another address. */
	async connect(
		system: string,
		parts: { connector?: Acting; config?: JsonObject; credentials?: JsonObject; limits?: JsonObject } = {},
	) {
		const { connector = "http", config, credentials, limits } = parts;
		await this.must("PUT", `/connections/${system}`, {
			connector,
			owner: "tests",
			config: { base_url: systemAt(this.place(system)), ...config },
			credentials: credentials ?? CREDENTIALS[connector],
			...(limits === undefined ? {} : { limits }),
		});
	}

	/** Publishes a document; the version that is current then. */
	async publish(document: string | JsonObject): Promise<number> {
		const isYaml = typeof document === "string";
		const headers = isYaml ? { "content-type": "application/yaml" } : undefined;
		const { body } = await must("POST", `${this.base}/workflows`, { body: document, headers });
		return body.version;
	}

	token(...scopes: Scope[]): Promise<string> {
		return tokenFor(this.name, ...scopes);
	}

	async deliver({ source, headers, body }: Sent): Promise<{ status: number; headers: Headers; body: JsonObject }> {
		const response = await exports.default.fetch(
			new Request(`https://signalbox.test/in/${this.name}/${source}`, { method: "POST", headers, body }),
		);
		return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
	}

	/** Delivers what must be taken; the event's id. */
	async take(sent: Sent): Promise<string> {
		const { status, body } = await this.deliver(sent);
		const [id] = body.events as string[];
		if (status !== 200 || id === undefined) throw new Error(`not taken: ${status} ${JSON.stringify(body)}`);
		return id;
	}

	/** Opens a link as a person does, or sends its form. */
	async open(link: string, form?: Record<string, string>): Promise<{ status: number; text: string }> {
		const init = form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) };
		const response = await exports.default.fetch(new Request(link, init));
		return { status: response.status, text: await response.text() };
	}

	/** What arrived at a system, once it is so many requests. */
	arrived(system: string, requests: number): Promise<Arrived[]> {
		return until(`${requests} requests are at ${system}`, async () => {
			const all = await arrivedAt(this.place(system));
			return all.length >= requests && all;
		});
	}

	async bodiesAt(system: string): Promise<JsonObject[]> {
		return (await arrivedAt(this.place(system))).map(({ body }) => JSON.parse(body));
	}

	/** Waits until a step of the tenant's is in a status that is written down: `waiting`, `succeeded` or `failed`. */
	async stepIs(status: StepState["status"], attempts?: number): Promise<StepState> {
		return until(`a step is ${status} after ${attempts ?? "some"} attempts`, async () => {
			const steps = (await storedRuns(this.name)).flatMap((run) => run.steps);
			return steps.find((step) => step.status === status && (attempts === undefined || step.attempts === attempts));
		});
	}

	/** Waits until so many events have reached the Entities of their groups. */
	async handedOn(events: number): Promise<void> {
		await until(`${events} events are handed on`, async () => (await handedOn(this.name)) >= events);
	}

	/** Waits until no step is under way; some may wait for their next attempt. */
	async idle(): Promise<void> {
		await until("no step is under way", async () => {
			const steps = (await storedRuns(this.name)).flatMap((run) => run.steps);
			return !steps.some(({ status }) => status === "ready" || status === "queued" || status === "leased");
		});
	}

	/** Lets the journal be told, and waits until it counts at least this. */
	async told(expected: Record<string, number>): Promise<Record<string, number>> {
		await this.idle();
		await pass(TELLING_MS);
		return until(`the journal counts ${JSON.stringify(expected)}`, async () => {
			const { counters } = (await this.must("GET", "/metrics")).body;
			return Object.entries(expected).every(([name, times]) => (counters[name] ?? 0) >= times) && counters;
		});
	}

	async events(query = ""): Promise<Entry[]> {
		return (await this.must("GET", `/events?limit=100${query}`)).body.items;
	}

	async event(id: string): Promise<Entry[]> {
		return (await this.must("GET", `/events/${id}`)).body.facts;
	}

	async trace(id: string): Promise<Entry[]> {
		return (await this.must("GET", `/traces/${id}`)).body.facts;
	}

	/** Newest first, each with its facts, as one asks for them one by one. */
	async runs(query = ""): Promise<RunView[]> {
		const listed: RunSummary[] = (await this.must("GET", `/runs?limit=100${query}`)).body.items;
		return Promise.all(listed.map(async ({ id }) => (await this.must("GET", `/runs/${id}`)).body));
	}

	async letters(query = ""): Promise<DeadLetter[]> {
		return (await this.must("GET", `/dead-letters?limit=100${query}`)).body.items;
	}

	async story(letter: string): Promise<{ letter: DeadLetter; story: Entry[] }> {
		return (await this.must("GET", `/dead-letters/${letter}`)).body;
	}
}

/** What facts say, one line each, as a reader would list them. */
export function kinds(facts: readonly Entry[]): string[] {
	return facts.map(({ kind, data }) => `${kind}${typeof data.outcome === "string" ? ` ${data.outcome}` : ""}`);
}
