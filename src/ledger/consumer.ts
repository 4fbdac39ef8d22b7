// The journal queue: facts of many Entities in, one append per tenant and batch. One tenant's trouble is not another's.

import type { Env } from "../env";
import type { JournalMessage } from "../model/message";
import { ledgerOf } from "../stubs";

const RETRY_SECONDS = 5;

type JournalDelivery = Message<JournalMessage>;

export async function consumeJournal(batch: MessageBatch<JournalMessage>, env: Env): Promise<void> {
	const readable = batch.messages.filter(isReadable);
	for (const message of batch.messages) if (!readable.includes(message)) await layDown(env, message);
	const byTenant = Map.groupBy(readable, (message) => message.body.tenant);
	await Promise.all([...byTenant].map(([tenant, messages]) => appendAll(env, tenant, messages)));
}

async function appendAll(env: Env, tenant: string, messages: readonly JournalDelivery[]): Promise<void> {
	try {
		await ledgerOf(env, tenant).append(messages.flatMap((message) => message.body.facts));
		for (const message of messages) message.ack();
	} catch (error) {
		console.error(JSON.stringify({ at: "ledger.append", tenant, messages: messages.length, error: String(error) }));
		if (messages.length === 1) messages[0]?.retry({ delaySeconds: RETRY_SECONDS });
		// One that cannot be appended must not hold back the others.
		else for (const message of messages) await appendAll(env, tenant, [message]);
	}
}

/** What came out of the journal's own dead-letter queue: one more try, then it is laid down in the archive. */
export async function consumeDeadJournal(batch: MessageBatch<JournalMessage>, env: Env): Promise<void> {
	for (const message of batch.messages) {
		if (!isReadable(message)) {
			await layDown(env, message);
			continue;
		}
		try {
			await ledgerOf(env, message.body.tenant).append(message.body.facts);
			message.ack();
		} catch (error) {
			console.error(JSON.stringify({ at: "ledger.dead_journal", tenant: message.body.tenant, error: String(error) }));
			await layDown(env, message);
		}
	}
}

function isReadable({ body }: JournalDelivery): boolean {
	const parts: Partial<Record<keyof JournalMessage, unknown>> | null = body;
	return typeof parts?.tenant === "string" && Array.isArray(parts.facts);
}

/** Nothing is thrown away: what no ledger takes lies in the archive, under its tenant if it names one. */
async function layDown(env: Env, message: JournalDelivery): Promise<void> {
	const tenant = isReadable(message) ? message.body.tenant : "_";
	try {
		await env.ARCHIVE.put(`${tenant}/journal-dead/${message.id}.json`, JSON.stringify(message.body));
		message.ack();
	} catch {
		message.retry({ delaySeconds: 60 });
	}
}
