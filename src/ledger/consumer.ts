// The journal queue: facts of many Entities in, one append per tenant and batch.

import type { Env } from "../env";
import type { JournalMessage } from "../model/message";
import { ledgerOf } from "../stubs";

const RETRY_SECONDS = 5;

export async function consumeJournal(batch: MessageBatch<JournalMessage>, env: Env): Promise<void> {
	const byTenant = Map.groupBy(batch.messages, (message) => message.body.tenant);
	await Promise.all([...byTenant].map(([tenant, messages]) => appendAll(env, tenant, messages)));
}

async function appendAll(env: Env, tenant: string, messages: readonly Message<JournalMessage>[]): Promise<void> {
	try {
		await ledgerOf(env, tenant).append(messages.flatMap((message) => message.body.facts));
		for (const message of messages) message.ack();
	} catch (error) {
		console.error(JSON.stringify({ at: "ledger.append", tenant, messages: messages.length, error: String(error) }));
		for (const message of messages) message.retry({ delaySeconds: RETRY_SECONDS });
	}
}

/** What came out of the journal's own dead-letter queue: one more try, then it is laid down in the archive. */
export async function consumeDeadJournal(batch: MessageBatch<JournalMessage>, env: Env): Promise<void> {
	for (const message of batch.messages) {
		try {
			await ledgerOf(env, message.body.tenant).append(message.body.facts);
			message.ack();
		} catch (error) {
			console.error(JSON.stringify({ at: "ledger.dead_journal", tenant: message.body.tenant, error: String(error) }));
			await layDown(env, message);
		}
	}
}

async function layDown(env: Env, message: Message<JournalMessage>): Promise<void> {
	try {
		await env.ARCHIVE.put(`${message.body.tenant}/journal-dead/${message.id}.json`, JSON.stringify(message.body));
		message.ack();
	} catch {
		message.retry({ delaySeconds: 60 });
	}
}
