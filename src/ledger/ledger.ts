// The Ledger: one object per tenant, which remembers. Facts go in and stay as they are; everything else is reading.

import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env";
import type { Fact } from "../model/fact";
import type { DeadLetterQuery, EventQuery, LedgerCalls, RunQuery } from "../model/ledger";
import { append, headOf } from "./append";
import * as queries from "./queries";
import { migrateLedger } from "./schema";

export class Ledger extends DurableObject<Env> implements LedgerCalls {
	readonly #sql = this.ctx.storage.sql;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		migrateLedger(ctx.storage);
	}

	async append(facts: Fact[]): Promise<void> {
		this.ctx.storage.transactionSync(() => append(this.#sql, facts));
	}

	async events(query: EventQuery) {
		return queries.listEvents(this.#sql, query);
	}

	async event(id: string) {
		return queries.findEvent(this.#sql, id);
	}

	async entriesOf(id: string) {
		return queries.traceEntries(this.#sql, id);
	}

	async runs(query: RunQuery) {
		return queries.listRuns(this.#sql, query);
	}

	async run(id: string) {
		return queries.findRun(this.#sql, id);
	}

	async deadLetters(query: DeadLetterQuery) {
		return queries.listDeadLetters(this.#sql, query);
	}

	async deadLetter(id: string) {
		return queries.deadLetterStory(this.#sql, id);
	}

	async counters() {
		return headOf(this.#sql).counters;
	}

	async unfinished(before: number) {
		return queries.unfinishedRuns(this.#sql, before);
	}

	async verify() {
		return queries.verifyChain(this.#sql);
	}
}
