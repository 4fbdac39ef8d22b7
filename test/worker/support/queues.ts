// The platform's queues, held: what is sent stays here to be looked at, and sending can be made to fail. Limits are the
// platform's: 100 messages at once, 128 KB each.

import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { ActionMessage, JournalMessage } from "../../../src/model/message";

export class HeldQueue<T> {
	sent: T[] = [];
	/** How many of the next sends fail. */
	failures = 0;
	/** As long as it is set, sending takes until it resolves. */
	delay: Promise<void> | null = null;
	calls = 0;
	/** Called when the queue has taken a message and its sender does not know it yet. */
	onSent = () => {};

	async send(body: T): Promise<void> {
		await this.sendBatch([{ body }]);
	}

	async sendBatch(messages: { body: T }[]): Promise<void> {
		this.calls += 1;
		await this.delay;
		if (this.failures > 0) {
			this.failures -= 1;
			throw new Error("Too Many Requests");
		}
		if (messages.length > 100) throw new Error("batch message count exceeds 100");
		for (const { body } of messages) {
			if (new TextEncoder().encode(JSON.stringify(body)).byteLength > 128_000) throw new Error("Payload Too Large");
		}
		this.sent.push(...messages.map(({ body }) => structuredClone(body)));
		this.onSent();
	}

	clear(): void {
		this.sent = [];
		this.failures = 0;
		this.delay = null;
		this.calls = 0;
		this.onSent = () => {};
	}
}

export interface HeldQueues {
	actions: HeldQueue<ActionMessage>;
	urgent: HeldQueue<ActionMessage>;
	journal: HeldQueue<JournalMessage>;
}

/** Holds the queues for the tests of a file, and empties them before each. */
export function holdQueues(): HeldQueues {
	const held: HeldQueues = { actions: new HeldQueue(), urgent: new HeldQueue(), journal: new HeldQueue() };
	const bindings = env as unknown as Record<string, unknown>;
	const real = { ACTIONS: bindings.ACTIONS, ACTIONS_URGENT: bindings.ACTIONS_URGENT, JOURNAL: bindings.JOURNAL };
	beforeAll(() => {
		Object.assign(bindings, { ACTIONS: held.actions, ACTIONS_URGENT: held.urgent, JOURNAL: held.journal });
	});
	beforeEach(() => {
		for (const queue of Object.values(held)) queue.clear();
	});
	afterAll(() => {
		Object.assign(bindings, real);
	});
	return held;
}
