// The real store over a real SQLite in memory: slower, and used for a share of the histories only.

import type { Outbox } from "../../src/core/outbox";
import type { EntityState, Turn } from "../../src/core/turn";
import { migrateEntity } from "../../src/entity/schema";
import * as store from "../../src/entity/store";
import type { Rows } from "./rows";
import { sqliteStorage } from "./sqlite-storage";

export class SqliteRows implements Rows {
	#storage = migrated();

	load(): store.Loaded {
		return store.load(this.#storage.sql);
	}

	findReceipt(eventId: string) {
		return store.findReceipt(this.#storage.sql, eventId);
	}

	findEvent(eventId: string) {
		return store.findEvent(this.#storage.sql, eventId);
	}

	findRun(id: string) {
		return store.findRun(this.#storage.sql, id);
	}

	writeTurn(state: EntityState, outbox: Outbox, turn: Turn): void {
		const event = turn.receipt?.receipt.event ?? null;
		const text = event === null ? null : JSON.stringify(event);
		this.#storage.transactionSync(() => store.writeTurn(this.#storage.sql, state, outbox, turn, text));
	}

	markSent(n: number): void {
		store.markSent(this.#storage.sql, n);
	}

	forgetRun(id: string): void {
		store.forgetRun(this.#storage.sql, id);
	}

	forgetActed(workflow: string): void {
		store.forgetActed(this.#storage.sql, workflow);
	}

	prune(now: number, floor: number, sentThrough: number): void {
		store.prune(this.#storage.sql, now, floor, sentThrough);
	}

	deleteAll(): void {
		this.#storage = migrated();
	}

	isEmpty(): boolean {
		const count = (table: string) =>
			this.#storage.sql.exec<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`).one().rows;
		return ["receipt", "window", "run", "acted", "mark"].every((table) => count(table) === 0);
	}
}

function migrated() {
	const storage = sqliteStorage();
	migrateEntity(storage);
	return storage;
}
