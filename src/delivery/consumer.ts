// The actions queues: claim, attempt, report. Each message is handled by itself, and none can fail another: what goes
// wrong outside of an attempt gives the message back to the queue, and the Entity's lease stands behind all of it.

import type { Env } from "../env";
import type { ActionMessage, AttemptReport, Lease } from "../model/message";
import { entityOf } from "../stubs";
import { carryOut, prepare } from "./attempt";
import { Pacing } from "./pacing";

/** The platform opens at most six connections at once for one invocation; the seventh would wait on its time-out. */
const LANES = 6;
/** The pause before a message is delivered again; it doubles every time. */
const RETRY_SECONDS = 5;
/** A wait this short is not worth giving the step back. */
const NEGLIGIBLE_WAIT_MS = 50;
/** How often a report is tried, and the first pause between two: what happened must not be forgotten over a restart. */
const REPORTS = 4;
const REPORT_PAUSE_MS = 250;

type ActionDelivery = Message<ActionMessage>;

export async function consumeActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	const waiting = batch.messages.filter(isReadable);
	const pacing = new Pacing(env);
	const busy = new Map<string, number>();
	const lane = async () => {
		for (let message = takeFairly(waiting, busy); message !== undefined; message = takeFairly(waiting, busy)) {
			const target = targetOf(message);
			busy.set(target, (busy.get(target) ?? 0) + 1);
			await handle(env, message, pacing);
			busy.set(target, (busy.get(target) ?? 0) - 1);
		}
	};
	await Promise.all(Array.from({ length: LANES }, lane));
}

/** The first of those that the fewest lanes work for: a slow target delays its own steps, and not those of others. */
function takeFairly(waiting: ActionDelivery[], busy: ReadonlyMap<string, number>): ActionDelivery | undefined {
	const lanes = waiting.map((message) => busy.get(targetOf(message)) ?? 0);
	return waiting.splice(lanes.indexOf(Math.min(...lanes)), 1)[0];
}

/** A step of a workflow always goes to the same target. What follows the trace in a run's id is its workflow. */
function targetOf({ body }: ActionDelivery): string {
	return [body.tenant, body.run.slice(body.run.indexOf(".")), body.step].join(" ");
}

async function handle(env: Env, message: ActionDelivery, pacing: Pacing): Promise<void> {
	const { tenant, entity_key, run, step } = message.body;
	try {
		const claim = await entityOf(env, tenant, entity_key).claim(run, step);
		if (claim.state === "go") await deliver(env, message.body, claim, pacing);
		message.ack();
	} catch (error) {
		console.error(
			JSON.stringify({ at: "delivery", tenant, run, step, attempts: message.attempts, error: String(error) }),
		);
		message.retry({ delaySeconds: RETRY_SECONDS * 2 ** (message.attempts - 1) });
	}
}

/** What is no message of ours will never be one, and is dropped. If a step was meant, its Entity sends it again. */
function isReadable(message: ActionDelivery): boolean {
	const body: Partial<Record<keyof ActionMessage, unknown>> | null = message.body;
	const isOurs = [body?.tenant, body?.entity_key, body?.run, body?.step].every((part) => typeof part === "string");
	if (!isOurs) {
		console.error(JSON.stringify({ at: "delivery.malformed", message: message.id }));
		message.ack();
	}
	return isOurs;
}

async function deliver(env: Env, message: ActionMessage, lease: Lease, pacing: Pacing): Promise<void> {
	const { tenant, run, step } = message;
	const startedAt = Date.now();
	const prepared = await prepare(env, message, lease, startedAt);
	if (prepared.ok) {
		const waitMs = await pacing.wait(tenant, prepared.value.connection);
		if (waitMs > NEGLIGIBLE_WAIT_MS) {
			return entityOf(env, tenant, message.entity_key).postpone(run, step, startedAt + waitMs);
		}
	}
	const attempt = prepared.ok ? await carryOut(prepared.value, Date.now) : { outcome: prepared.error, exchange: {} };
	const { outcome } = attempt;
	const { attempt: n } = lease;
	const report = { run, step, attempt: n, ...attempt, started_at: startedAt, duration_ms: Date.now() - startedAt };
	if (outcome.kind === "transient" && outcome.after_ms !== undefined && prepared.ok) {
		await pacing.pause(tenant, prepared.value.connection, outcome.after_ms);
	}
	await deliverReport(env, message, report);
}

/** To a new stub every time, since one whose object was reset stays broken. Telling twice is telling once. */
async function deliverReport(env: Env, { tenant, entity_key }: ActionMessage, report: AttemptReport): Promise<void> {
	for (let tries = 1; ; tries++) {
		try {
			return await entityOf(env, tenant, entity_key).report(report);
		} catch (error) {
			if (tries === REPORTS) throw error;
			await new Promise((resolve) => setTimeout(resolve, REPORT_PAUSE_MS * 2 ** (tries - 1)));
		}
	}
}

/** What came out of the actions' own dead-letter queue: no consumer survives it, so its step ends here. */
export async function consumeDeadActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	for (const message of batch.messages.filter(isReadable)) {
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
