// A fault, end to end: one event starts a workflow whose target is at fault and another, over another connection of the
// same tenant, whose target is well. Time passes as the steps ask for it, until both runs are over; then it is looked at
// with an operator's eyes.

import { expect } from "vitest";
import { isRunOpen } from "../../../src/core/run/status";
import type { JsonObject } from "../../../src/model/json";
import type { Entry, RunView } from "../../../src/model/ledger";
import type { DeadLetter } from "../../../src/model/letter";
import type { Exchange } from "../../../src/model/outcome";
import { cel, step } from "./documents";
import { storedRuns } from "./entities";
import { arrivedAt, script } from "./outside";
import type { Scripted } from "./outside-setup";
import { shop } from "./senders";
import { Tenant } from "./tenant";
import { pass, TELLING_MS, until } from "./time";

const SECRET = "very-secret-token";
const QUICK = { retry: { attempts: 3, base: "1s", cap: "4s" }, timeout: "2s" };
const EVENT = { id: "o-1" };
/** Read from the event for every attempt, however long that was ago. */
const BODY = { order: cel("event.entity.id") };
const WRITES = /^(?!conversations\.)/;

export interface Fault {
	/** Where the connection at fault leads, if not to its scripted system. */
	at?: string;
	/** What its system answers, in order, and the last again and again. */
	answers?: Scripted[] | ((acme: Tenant) => Scripted[]);
	connector?: "http" | "slack";
	/** Of the step, otherwise than usual. */
	step?: JsonObject;
	/** Of the neighbour's document, otherwise than usual. */
	neighbour?: JsonObject;
}

/** What can be seen in the end. */
export interface Ending {
	run: RunView["status"];
	attempts: number;
	/** What each attempt came to. */
	outcomes: unknown[];
	/** How long each pause was, in milliseconds. */
	pauses: number[];
	/** What arrived at the target: methods of HTTP, or of Slack. */
	requests: string[];
	/** How often the target did what it was asked to. */
	acted: number;
	/** How many idempotency keys the writing requests had, all together. */
	keys: number;
	letter: Pick<DeadLetter, "class" | "reason" | "state" | "step" | "connection"> | null;
	/** What its story shows of each attempt's last exchange: the status that was answered, or why there was none. */
	told: unknown[];
	/** What arrived where no connection leads. */
	strayed: number;
}

export async function prepared({
	at,
	answers = [],
	connector = "http",
	step: more,
	neighbour,
}: Fault): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	const credentials: JsonObject =
		connector === "http" ? { headers: { authorization: `Bearer ${SECRET}` } } : { token: SECRET };
	await acme.connect("out", { connector, credentials, ...(at === undefined ? {} : { config: { base_url: at } }) });
	await acme.connect("beside");
	const action: JsonObject =
		connector === "http"
			? {}
			: { use: "slack.post_message", with: { channel: "C0", text: `Paid: ${cel("event.entity.id")}` } };
	await acme.publish(workflow("faulty", step("tell", BODY, { ...QUICK, ...action, ...more })));
	await acme.publish({
		...workflow("neighbour", step("tell", BODY, { connection: "beside" })),
		...neighbour,
	});
	await script(acme.place("out"), ...(typeof answers === "function" ? answers(acme) : answers));
	return acme;
}

function workflow(name: string, ...steps: JsonObject[]): JsonObject {
	return { name, owner: "tests", on: { source: "shop", event: "*" }, steps };
}

export async function suffer(fault: Fault): Promise<Ending> {
	const acme = await prepared(fault);
	await acme.take(shop("order.paid", EVENT));
	await neighbourIsWell(acme);
	return endingOf(acme, await settle(acme));
}

/** Its run is over before any time passes. */
export async function neighbourIsWell(acme: Tenant): Promise<void> {
	await until("the neighbour's run is over", () => isOver(acme, "neighbour"));
	expect(await arrivedAt(acme.place("beside"))).toHaveLength(1);
}

async function isOver(acme: Tenant, workflow: string): Promise<boolean> {
	const run = (await storedRuns(acme.name)).find((run) => run.workflow === workflow);
	// One that ended well a while ago is forgotten.
	return run === undefined || !isRunOpen(run);
}

/** Lets pass what the steps wait for, and no more, until the run is over; the pauses, in milliseconds. */
export async function settle(acme: Tenant, workflow = "faulty"): Promise<number[]> {
	const pauses: number[] = [];
	for (;;) {
		const due = await until(`the step of ${workflow} waits, or its run is over`, async () => {
			if (await isOver(acme, workflow)) return "never";
			const run = (await storedRuns(acme.name)).find((run) => run.workflow === workflow);
			return run?.steps.find(({ status }) => status === "waiting")?.due_at;
		});
		if (due === "never") return pauses;
		pauses.push(due - Date.now());
		await pass(due - Date.now());
	}
}

export async function endingOf(acme: Tenant, pauses: number[] = []): Promise<Ending> {
	await acme.idle();
	await pass(TELLING_MS);
	const runs = await until("both runs are told", async () => {
		const told = await acme.runs();
		return told.length === 2 && told.every(({ finished_at }) => finished_at !== null) && told;
	});
	const [faulty, neighbour] = ["faulty", "neighbour"].map((name) => runs.find(({ workflow }) => workflow === name));
	if (faulty === undefined) throw new Error("the faulty run was not told");
	expect(neighbour).toMatchObject({ status: "succeeded", steps: [{ status: "succeeded", attempts: 1 }] });
	const letters = await acme.letters();
	const [letter] = letters;
	expect(letters.length).toBeLessThanOrEqual(1);
	const { story } = letter === undefined ? { story: faulty.facts } : await acme.story(letter.id);
	expect(JSON.stringify([runs, letters, story])).not.toContain(SECRET);
	const tried = attemptsIn(story);
	const arrived = await arrivedAt(acme.place("out"));
	const requests = arrived.map(({ method, path }) => path.replace(/[?].*/, "").split("/")[3] ?? method);
	const writes = arrived.filter((_, n) => WRITES.test(requests[n] ?? ""));
	return {
		run: faulty.status,
		attempts: faulty.steps.find(({ id }) => id === "tell")?.attempts ?? Number.NaN,
		outcomes: tried.map(({ data }) => data.outcome),
		pauses,
		requests,
		acted: arrived.filter(({ acted }) => acted).length,
		keys: new Set(writes.map(keyOf)).size,
		letter: letter ?? null,
		told: tried.map(({ data }) => wordOf(data.exchange as Exchange)),
		strayed: (await arrivedAt(acme.place("elsewhere"))).length,
	};
}

function attemptsIn(facts: readonly Entry[]): Entry[] {
	return facts.filter(({ kind }) => kind === "attempt.finished");
}

/** A story shows what was sent, without its secrets and cut to size, and what was said to it. */
function wordOf(exchange: Exchange): unknown {
	const { request, response, error } = exchange.request === undefined ? (exchange.probe ?? {}) : exchange;
	if (request === undefined) return null;
	expect(request.headers.authorization).toBe("[redacted]");
	expect((response?.body ?? "").length).toBeLessThan(5_000);
	return response?.status ?? error;
}

function keyOf({ headers, body }: { headers: Record<string, string>; body: string }): string {
	return headers["idempotency-key"] ?? JSON.parse(body).metadata?.event_payload.k;
}
