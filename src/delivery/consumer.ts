// The actions queues: claim, attempt, report. Each message is handled by itself, and none can fail another: what goes
// wrong outside of an attempt gives the message back to the queue, and the Entity's lease stands behind all of it.

import type { Env } from "../env";
import type { ActionMessage, AttemptReport, Lease } from "../model/message";
import { connectionName } from "../model/names";
import type { Result } from "../model/result";
import { RegistryUnavailable } from "../registry/cache";
import { connectionOf, entityOf } from "../stubs";
import { carryOut, type Prepared, prepare, type Refusal } from "./attempt";

/** The platform opens at most six connections at once for one invocation; the seventh would wait on its time-out. */
const LANES = 6;
/** The pause before a message is delivered again; it doubles every time. */
const RETRY_SECONDS = 5;
/** A step whose configuration cannot be read is given back for this long. */
const UNREADABLE_WAIT_MS = 15_000;
/** A wait this short is not worth giving the step back. */
const NEGLIGIBLE_WAIT_MS = 50;
/** How often a report is tried, and the pause between; what happened must not be forgotten over a restart. */
const REPORTS = 4;
const REPORT_PAUSE_MS = 250;

type ActionDelivery = Message<ActionMessage>;
/** How long each connection of each tenant must wait, asked once per batch. */
type Admissions = Map<string, Promise<number>>;

export async function consumeActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	const waiting = [...batch.messages];
	const admissions: Admissions = new Map();
	await Promise.all(
		Array.from({ length: LANES }, async () => {
			for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
				await handle(env, message, admissions);
			}
		}),
	);
}

async function handle(env: Env, message: ActionDelivery, admissions: Admissions): Promise<void> {
	if (!isReadable(message)) return;
	const { tenant, entity_key, run, step } = message.body;
	try {
		const claim = await entityOf(env, tenant, entity_key).claim(run, step);
		if (claim.state === "go") await deliver(env, message.body, claim, admissions);
		message.ack();
	} catch (error) {
		console.error(
			JSON.stringify({ at: "delivery", tenant, run, step, attempts: message.attempts, error: String(error) }),
		);
		message.retry({ delaySeconds: RETRY_SECONDS * 2 ** (message.attempts - 1) });
	}
}

/** What is no message of ours will never be one: it is dropped. If a step was meant, its Entity sends it again. */
function isReadable(message: ActionDelivery): boolean {
	const body: Partial<Record<keyof ActionMessage, unknown>> | null = message.body;
	const isOurs = [body?.tenant, body?.entity_key, body?.run, body?.step].every((part) => typeof part === "string");
	if (!isOurs) {
		console.error(JSON.stringify({ at: "delivery.malformed", message: message.id }));
		message.ack();
	}
	return isOurs;
}

async function deliver(env: Env, message: ActionMessage, lease: Lease, admissions: Admissions): Promise<void> {
	const startedAt = Date.now();
	const prepared = await prepareOrWait(env, message, lease, startedAt);
	const waitMs = typeof prepared === "number" ? prepared : await admission(env, message.tenant, prepared, admissions);
	if (typeof prepared === "number" || waitMs > NEGLIGIBLE_WAIT_MS) {
		return entityOf(env, message.tenant, message.entity_key).postpone(message.run, message.step, startedAt + waitMs);
	}
	const attempt = prepared.ok ? await carryOut(prepared.value, Date.now) : { outcome: prepared.error, exchange: {} };
	const { outcome } = attempt;
	const report: AttemptReport = {
		run: message.run,
		step: message.step,
		attempt: lease.attempt,
		...attempt,
		started_at: startedAt,
		duration_ms: Date.now() - startedAt,
	};
	if (outcome.kind === "transient" && outcome.after_ms !== undefined && prepared.ok) {
		await pause(env, message.tenant, prepared.value, outcome.after_ms, admissions);
	}
	logAttempt(message, report);
	await deliverReport(env, message, report);
}

/** What is ready to leave or refused; a number of milliseconds if neither can be said now. */
async function prepareOrWait(
	env: Env,
	message: ActionMessage,
	lease: Lease,
	now: number,
): Promise<Result<Prepared, Refusal> | number> {
	try {
		return await prepare(env, message, lease, now);
	} catch (error) {
		if (!(error instanceof RegistryUnavailable)) throw error;
		console.warn(JSON.stringify({ at: "delivery.postponed", tenant: message.tenant, error: String(error) }));
		return UNREADABLE_WAIT_MS;
	}
}

/** Nothing that is known holds back a request whose connection cannot be asked: its target answers for itself. */
function admission(
	env: Env,
	tenant: string,
	prepared: Result<Prepared, Refusal>,
	admissions: Admissions,
): Promise<number> {
	if (!prepared.ok) return Promise.resolve(0);
	const { connection } = prepared.value;
	const name = connectionName(tenant, connection);
	const asked =
		admissions.get(name) ??
		connectionOf(env, tenant, connection)
			.admit()
			.catch((error: unknown) => noteConnection(tenant, connection, error));
	admissions.set(name, asked);
	return asked;
}

/** The rest of the batch waits too. The report of the attempt does not depend on it. */
async function pause(
	env: Env,
	tenant: string,
	{ connection }: Prepared,
	ms: number,
	admissions: Admissions,
): Promise<void> {
	admissions.set(connectionName(tenant, connection), Promise.resolve(ms));
	await connectionOf(env, tenant, connection)
		.pause(ms)
		.catch((error: unknown) => noteConnection(tenant, connection, error));
}

function noteConnection(tenant: string, connection: string, error: unknown): number {
	console.warn(JSON.stringify({ at: "delivery.connection", tenant, connection, error: String(error) }));
	return 0;
}

/** To a new stub every time, since one whose object was reset stays broken. Telling twice is telling once. */
async function deliverReport(env: Env, message: ActionMessage, report: AttemptReport): Promise<void> {
	for (let tries = 1; ; tries++) {
		try {
			return await entityOf(env, message.tenant, message.entity_key).report(report);
		} catch (error) {
			if (tries === REPORTS) throw error;
			await new Promise((resolve) => setTimeout(resolve, REPORT_PAUSE_MS * tries));
		}
	}
}

function logAttempt({ tenant }: ActionMessage, { run, step, attempt, outcome, duration_ms }: AttemptReport): void {
	console.log(JSON.stringify({ at: "attempt", tenant, run, step, attempt, outcome: outcome.kind, duration_ms }));
}

/** What came out of the actions' own dead-letter queue: no consumer survives it, so its step ends here. */
export async function consumeDeadActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	for (const message of batch.messages) {
		if (!isReadable(message)) continue;
		const { tenant, entity_key, run, step } = message.body;
		try {
			await entityOf(env, tenant, entity_key).crashed(run, step);
			message.ack();
		} catch (error) {
			console.error(JSON.stringify({ at: "delivery.dead", tenant, run, step, error: String(error) }));
			message.retry({ delaySeconds: 60 });
		}
	}
}
