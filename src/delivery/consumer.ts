// The actions queues: claim, attempt, report. Each message is handled by itself, and none can fail another: what goes
// wrong outside of an attempt gives the message back to the queue, and the Entity's lease stands behind all of it.

import type { Env } from "../env";
import type { ActionMessage, AttemptReport, Lease } from "../model/message";
import { connectionOf, entityOf } from "../stubs";
import { carryOut, type Prepared, prepare } from "./attempt";

/** The platform opens at most six connections at once for one invocation; the seventh would wait on its time-out. */
const LANES = 6;
const RETRY_SECONDS = 5;
/** A wait this short is not worth giving the step back. */
const NEGLIGIBLE_WAIT_MS = 50;

type ActionDelivery = Message<ActionMessage>;
/** How long each connection must wait, asked once per batch. */
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
	const { tenant, entity_key, run, step } = message.body;
	const entity = entityOf(env, tenant, entity_key);
	try {
		const claim = await entity.claim(run, step);
		if (claim.state === "go") await deliver(env, message.body, claim, admissions);
		message.ack();
	} catch (error) {
		console.error(
			JSON.stringify({ at: "delivery", tenant, run, step, attempts: message.attempts, error: String(error) }),
		);
		message.retry({ delaySeconds: RETRY_SECONDS });
	}
}

async function deliver(env: Env, message: ActionMessage, lease: Lease, admissions: Admissions): Promise<void> {
	const entity = entityOf(env, message.tenant, message.entity_key);
	const startedAt = Date.now();
	const prepared = await prepare(env, message, lease, startedAt);
	if (prepared.ok) {
		const waitMs = await admission(env, message.tenant, prepared.value, admissions);
		if (waitMs > NEGLIGIBLE_WAIT_MS) return entity.postpone(message.run, message.step, startedAt + waitMs);
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
	await entity.report(report);
}

function admission(env: Env, tenant: string, { connection }: Prepared, admissions: Admissions): Promise<number> {
	const asked = admissions.get(connection) ?? connectionOf(env, tenant, connection).admit();
	admissions.set(connection, asked);
	return asked;
}

/** The rest of the batch waits too. */
async function pause(
	env: Env,
	tenant: string,
	{ connection }: Prepared,
	ms: number,
	admissions: Admissions,
): Promise<void> {
	admissions.set(connection, Promise.resolve(ms));
	await connectionOf(env, tenant, connection).pause(ms);
}

function logAttempt({ tenant }: ActionMessage, { run, step, attempt, outcome, duration_ms }: AttemptReport): void {
	console.log(JSON.stringify({ at: "attempt", tenant, run, step, attempt, outcome: outcome.kind, duration_ms }));
}

/** What came out of the actions' own dead-letter queue: no consumer survives it, so its step ends here. */
export async function consumeDeadActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	for (const message of batch.messages) {
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
