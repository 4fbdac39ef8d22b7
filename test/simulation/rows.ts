// What an Entity has on disk, as plain maps: the fast double of src/entity/store.ts, which it must follow to the letter.
// That it does is tested by running the same histories over the real one (sqlite-rows.ts).

import { RECEIPT_MS } from "../../src/core/accept";
import { type Outbox, unsentFacts, unsentHandOns } from "../../src/core/outbox";
import { keepRunUntil } from "../../src/core/run/run";
import { rebuildWindow } from "../../src/core/timing/rebuild";
import { emptied } from "../../src/core/timing/window";
import type { EntityState, Turn } from "../../src/core/turn";
import type { Loaded } from "../../src/entity/store";
import type { Acted, Receipt, Run, Window } from "../../src/model/entity";
import type { CanonicalEvent } from "../../src/model/event";
import type { Fact } from "../../src/model/fact";

/** Everything that an Entity asks of its storage, besides the alarm. Each call is one commit. */
export interface Rows {
	load(): Loaded;
	findReceipt(eventId: string): Receipt | null;
	findEvent(eventId: string): CanonicalEvent | null;
	/** Also one that is over, for as long as it is kept. */
	findRun(id: string): Run | null;
	writeTurn(state: EntityState, outbox: Outbox, turn: Turn): void;
	markSent(n: number): void;
	forgetRun(id: string): void;
	forgetActed(workflow: string): void;
	prune(now: number, floor: number, sentThrough: number): void;
	deleteAll(): void;
	isEmpty(): boolean;
}

interface ReceiptRow {
	receipt: Receipt;
	/** The commit that inserted it; the receipt's own `n` is the one that wrote it last. */
	arrived_n: number;
	facts: Fact[];
}

interface RunRow {
	n: number;
	open: boolean;
	run: Run;
	facts: Fact[];
}

export class MapRows implements Rows {
	readonly #receipts = new Map<string, ReceiptRow>();
	readonly #windows = new Map<string, Window>();
	readonly #runs = new Map<string, RunRow>();
	readonly #acted = new Map<string, Acted>();
	#sentThrough = 0;

	constructor(readonly bytesOf: (event: CanonicalEvent) => number) {}

	load(): Loaded {
		const through = this.#sentThrough;
		const receipts = inOrder(this.#receipts);
		const runs = inOrder(this.#runs).filter((row) => row.open || row.n > through);
		const windows = inOrder(this.#windows);
		const expiries = receipts.map(({ receipt }) => receipt.expires_at);
		return {
			n: Math.max(
				through,
				...receipts.map(({ receipt }) => receipt.n),
				...runs.map((row) => row.n),
				...windows.map((window) => window.opened_n),
			),
			windows: windows.map((window) => (window.closed === true ? window : this.#rebuild(window))),
			runs: runs.map((row) => row.run),
			acted: [...this.#acted].sort(([a], [b]) => (a < b ? -1 : 1)),
			batches: [
				...receipts.filter(({ receipt }) => receipt.n > through).map(receiptBatch),
				...runs
					.filter((row) => row.n > through)
					.map(({ n, run, facts }) => ({ n, at: facts[0]?.at ?? 0, carrier: run.id, facts, hand_ons: [] })),
			].sort((a, b) => a.n - b.n),
			expiry: receipts.length === 0 ? null : { first: Math.min(...expiries), last: Math.max(...expiries) },
			sent_through: through,
		};
	}

	#rebuild(opened: Window): Window {
		const receipts = [...this.#receipts.values()]
			.filter(({ arrived_n }) => arrived_n >= opened.opened_n)
			.sort((a, b) => a.arrived_n - b.arrived_n)
			.map(({ receipt }) => receipt);
		return rebuildWindow(opened, receipts, ({ event }) => (event === null ? 0 : this.bytesOf(event)));
	}

	findReceipt(eventId: string): Receipt | null {
		return this.#receipts.get(eventId)?.receipt ?? null;
	}

	findEvent(eventId: string): CanonicalEvent | null {
		return this.#receipts.get(eventId)?.receipt.event ?? null;
	}

	findRun(id: string): Run | null {
		return this.#runs.get(id)?.run ?? null;
	}

	writeTurn(state: EntityState, outbox: Outbox, turn: Turn): void {
		if (turn.receipt !== null) {
			const { receipt, facts } = turn.receipt;
			this.#receipts.set(receipt.event_id, { receipt, facts, arrived_n: receipt.n });
		}
		if (turn.duplicate !== null) {
			const { receipt, facts } = turn.duplicate;
			const { event_id } = receipt;
			this.#receipts.set(event_id, {
				receipt: { ...receipt, hand_ons: unsentHandOns(outbox, event_id) },
				facts: [...unsentFacts(outbox, event_id), ...facts],
				arrived_n: this.#receipts.get(event_id)?.arrived_n ?? receipt.n,
			});
		}
		for (const [workflow, window] of turn.windows) this.#writeWindow(turn.n, state.windows.get(workflow), window);
		for (const [workflow, acted] of turn.acted) {
			if (acted === null) this.#acted.delete(workflow);
			else this.#acted.set(workflow, acted);
		}
		for (const { run, facts } of turn.runs.values()) {
			const all = [...unsentFacts(outbox, run.id), ...facts];
			this.#runs.set(run.id, { n: turn.n, open: keepRunUntil(run) > turn.now, run, facts: all });
		}
	}

	#writeWindow(n: number, before: Window | undefined, after: Window | null): void {
		if (before !== undefined && before.id !== after?.id) this.#windows.delete(before.id);
		if (after === null) return;
		const opens = after.opened_n === n && before?.id !== after.id;
		const closes = after.closed === true && before?.closed !== true;
		if (opens || closes) this.#windows.set(after.id, after.closed === true ? after : emptied(after));
	}

	markSent(n: number): void {
		this.#sentThrough = n;
	}

	forgetRun(id: string): void {
		this.#runs.delete(id);
	}

	forgetActed(workflow: string): void {
		this.#acted.delete(workflow);
	}

	prune(now: number, floor: number, sentThrough: number): void {
		for (const [id, { receipt }] of this.#receipts) {
			if (receipt.expires_at <= now && receipt.n < floor && receipt.n <= sentThrough) this.#receipts.delete(id);
		}
		for (const [id, row] of this.#runs) {
			const isOld = row.run.finished_at !== null && row.run.finished_at <= now - RECEIPT_MS;
			if (!row.open && row.n < floor && row.n <= sentThrough && isOld) this.#runs.delete(id);
		}
	}

	deleteAll(): void {
		this.#receipts.clear();
		this.#windows.clear();
		this.#runs.clear();
		this.#acted.clear();
		this.#sentThrough = 0;
	}

	isEmpty(): boolean {
		return this.#receipts.size + this.#windows.size + this.#runs.size + this.#acted.size + this.#sentThrough === 0;
	}
}

/** As SQLite reads a table WITHOUT ROWID: by key. */
function inOrder<T>(table: Map<string, T>): T[] {
	return [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function receiptBatch({ receipt, facts }: ReceiptRow) {
	return { n: receipt.n, at: receipt.at, carrier: receipt.event_id, facts, hand_ons: receipt.hand_ons };
}
