// The Ledger: one object per tenant, which remembers. Facts go in and stay as they are; nearly everything else is
// reading. Bulks are driven by its alarm: what is to be done to which letters is in its rows, and Entities do it.

import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env";
import type { Fact } from "../model/fact";
import type {
	DeadLetterQuery,
	EventQuery,
	GroupQuery,
	LedgerCalls,
	PageQuery,
	RunQuery,
	WaitQuery,
} from "../model/ledger";
import type { Alert, GroupMove, LetterSelection, ReadKept, Reread, RereadAnswer } from "../model/letter";
import { tenantOf } from "../model/names";
import type { ReplayOrder } from "../model/replay";
import { listAlerts, watchLetters } from "./alerts";
import { append, headOf } from "./append";
import { nextReplayAt } from "./beats";
import { discardedFact } from "./discard";
import * as groups from "./groups";
import * as letters from "./letters";
import * as queries from "./queries";
import { driveReplays } from "./replaying";
import * as replays from "./replays";
import { peek, type Rereading, reread } from "./reread";
import * as runs from "./runs";
import { migrateLedger } from "./schema";
import { listWaiting } from "./waiting";

/** An alarm that dies is followed by the next one after this, for as long as it takes. */
const ALARM_FALLBACK_MS = 30_000;

export abstract class Ledger extends DurableObject<Env> implements LedgerCalls {
	readonly #sql = this.ctx.storage.sql;
	/** The letters whose deliveries are being read again. */
	readonly #busy = new Set<string>();

	/** How a kept delivery is read. */
	protected abstract readonly readKept: ReadKept;

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		migrateLedger(ctx.storage);
	}

	get #tenant(): string {
		return tenantOf(this.ctx.id.name ?? "");
	}

	async append(facts: Fact[]): Promise<void> {
		this.#commit(() => facts);
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
		return runs.listRuns(this.#sql, query);
	}

	async run(id: string, step?: string) {
		return runs.findRun(this.#sql, id, step);
	}

	async runSummary(id: string) {
		return runs.findRunSummary(this.#sql, id);
	}

	async waiting(query: WaitQuery) {
		return listWaiting(this.#sql, query);
	}

	async deadLetters(query: DeadLetterQuery) {
		return letters.listDeadLetters(this.#sql, query);
	}

	async deadLetter(id: string) {
		return queries.deadLetterStory(this.#sql, id);
	}

	async discard(id: string, by: string, reason: string) {
		if (this.#busy.has(id)) return false;
		const facts = discardedFact(this.#sql, id, { tenant: this.#tenant, by, reason, now: Date.now() });
		this.#commit(() => facts);
		return facts.length > 0;
	}

	async reread(id: string, act: Reread) {
		return this.#orUnavailable(id, reread(this.#rereading(), id, act));
	}

	async peek(id: string, since: number) {
		return this.#orUnavailable(id, peek(this.#rereading(), id, since));
	}

	async selected(select: LetterSelection, page: PageQuery) {
		return letters.listSelected(this.#sql, select, page);
	}

	async countSelected(select: LetterSelection) {
		return letters.countSelected(this.#sql, select);
	}

	async letterGroups(query: GroupQuery) {
		return groups.listGroups(this.#sql, query);
	}

	async letterGroup(id: string) {
		return groups.findGroup(this.#sql, id);
	}

	async moveGroup(id: string, move: Omit<GroupMove, "at">) {
		const group = groups.findGroup(this.#sql, id);
		if (group === null) return null;
		const said = { ...move, at: Date.now(), tenant: this.#tenant };
		this.#commit(() => groups.groupFact(this.#sql, group, said) ?? []);
		return groups.findGroup(this.#sql, id);
	}

	async startReplay(order: ReplayOrder) {
		const begun = { tenant: this.#tenant, id: crypto.randomUUID(), now: Date.now() };
		const answer = this.ctx.storage.transactionSync(() => {
			const { answer, facts } = replays.beginReplay(this.#sql, order, begun);
			append(this.#sql, facts);
			return answer;
		});
		await this.#arm();
		return answer;
	}

	async namedReplay(name: string, fingerprint: string) {
		return replays.namedReplay(this.#sql, name, fingerprint);
	}

	async replays(query: PageQuery) {
		return replays.listReplays(this.#sql, query);
	}

	async replay(id: string) {
		return replays.findReplay(this.#sql, id);
	}

	async abortReplay(id: string, by: string) {
		const bulk = replays.findBulk(this.#sql, id);
		if (bulk === null) return null;
		if (bulk.state !== "running") return { said: "over" as const, replay: replays.viewOf(this.#sql, bulk) };
		this.#commit(() => replays.endReplay(this.#sql, bulk, { state: "aborted", by, now: Date.now() }));
		await this.#arm();
		return { said: "ok" as const, replay: replays.findReplay(this.#sql, id) ?? replays.viewOf(this.#sql, bulk) };
	}

	async alerts() {
		return listAlerts(this.#sql, Date.now());
	}

	async counters() {
		return headOf(this.#sql).counters;
	}

	/** Comes from the sweeper, which is also there for alarms that were lost and for letters that have grown old. */
	async unfinished(before: number) {
		this.ctx.storage.transactionSync(() => this.#watch());
		await this.#arm();
		return runs.unfinishedRuns(this.#sql, before);
	}

	async verify() {
		return queries.verifyChain(this.#sql);
	}

	override async alarm(): Promise<void> {
		// A handler that dies is retried only so often; from then on the fallback keeps the bulks going.
		await this.ctx.storage.setAlarm(Date.now() + ALARM_FALLBACK_MS);
		try {
			await driveReplays({ ...this.#rereading(), env: this.env });
			await this.#arm();
		} catch (error) {
			console.error(JSON.stringify({ at: "ledger.alarm", tenant: this.#tenant, error: String(error) }));
		}
	}

	async #orUnavailable(letter: string, answer: Promise<RereadAnswer>): Promise<RereadAnswer> {
		try {
			return await answer;
		} catch (error) {
			console.warn(JSON.stringify({ at: "ledger.reread", tenant: this.#tenant, letter, error: String(error) }));
			return { said: "unavailable" };
		}
	}

	#rereading(): Rereading {
		const commit = (change: () => Fact[]) => this.#commit(change);
		return { sql: this.#sql, tenant: this.#tenant, read: this.readKept, busy: this.#busy, commit, now: Date.now };
	}

	async #arm(): Promise<void> {
		const next = nextReplayAt(this.#sql);
		if (next === null) await this.ctx.storage.deleteAlarm();
		else await this.ctx.storage.setAlarm(Math.max(next, Date.now()));
	}

	/** One commit: what `facts` changes, the facts that it gives, and what follows from them. */
	#commit(facts: () => Fact | Fact[]): void {
		this.ctx.storage.transactionSync(() => {
			const fresh = append(this.#sql, [facts()].flat());
			if (fresh.some(({ data }) => typeof data.id === "string")) this.#watch(["open_letters"]);
		});
	}

	#watch(kinds?: Alert["kind"][]): void {
		const told = watchLetters(this.#sql, this.#tenant, Date.now(), kinds);
		append(this.#sql, told);
		for (const { kind, data } of told)
			console.warn(JSON.stringify({ at: "ledger.alert", tenant: this.#tenant, kind, ...data }));
	}
}
