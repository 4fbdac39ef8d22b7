// The Entity: one object per entity or grouping key. It decides nothing itself: each call becomes one turn of the
// pure core, is written in one commit, and only then is anything sent. Memory is a copy of the rows, rebuilt on demand.

import { DurableObject } from "cloudflare:workers";
import { acceptEvent, ensureWindow } from "../core/accept";
import { OUTBOX_RETRY_MS, type Outbox, outboxDueAt } from "../core/outbox";
import { passTime } from "../core/pass-time";
import {
	callStep,
	claimStep,
	crashStep,
	holdStep,
	parkStep,
	postponeStep,
	releaseSteps,
	reportAttempt,
} from "../core/report";
import { leaseOf } from "../core/run/lease";
import { cancelRun, discardStep, isResumable, rerun, rerunId, resumeRun, resumeStep, vote } from "../core/run/operate";
import { patchStep, replayStep } from "../core/run/patch";
import { findStep } from "../core/run/run";
import { isRunOpen } from "../core/run/status";
import { applyTurn, beginTurn, type EntityState, isEmpty, type Turn } from "../core/turn";
import { nextWake } from "../core/wake";
import type { Env } from "../env";
import type { Run } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type {
	AcceptCall,
	AttemptReport,
	Ballot,
	CallAnswer,
	CancelOrder,
	Claim,
	EntityCalls,
	HandOnCall,
	LeaseId,
	OperatorAnswer,
	PatchAnswer,
	PatchOrder,
	Peeked,
	RerunOrder,
	ResumeOrder,
	RunState,
	VoteAnswer,
} from "../model/message";
import { keyOf, tenantOf } from "../model/names";
import type { Plan } from "../model/plan";
import type { StepReplay } from "../model/replay";
import { drain } from "./drain";
import { expiresAt, isAtRest, type Memory, recall, remember, tidy } from "./memory";
import * as store from "./store";

/** After a failed alarm the next one comes this much later, for as long as it takes. */
const ALARM_FALLBACK_MS = 60_000;

export class Entity extends DurableObject<Env> implements EntityCalls {
	readonly #name: { tenant: string; key: string };
	#memory: Memory | null = null;
	/** The alarm as far as this instance knows: undefined after a restart. */
	#alarmAt: number | null | undefined = undefined;
	readonly #inFlight = new Set<unknown>();

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		const name = ctx.id.name ?? "";
		this.#name = { tenant: tenantOf(name), key: keyOf(name) };
	}

	async accept(call: AcceptCall): Promise<{ duplicate: boolean }> {
		return { duplicate: this.#accept(call) };
	}

	async handOn({ event, plan }: HandOnCall): Promise<void> {
		this.#accept({ event, plans: [plan], unmatched: [] });
	}

	/** True if the event was here before. */
	#accept({ event: text, plans, unmatched }: AcceptCall): boolean {
		const event = JSON.parse(text) as CanonicalEvent;
		this.#refuseStrangers(event.tenant_id);
		this.#recall();
		this.#catchUp();
		const receipt = store.findReceipt(this.ctx.storage.sql, event.id);
		this.#turn(
			(state, turn) => acceptEvent(state, turn, { event, plans, unmatched, receipt, bytes: text.length }),
			text,
		);
		return receipt !== null;
	}

	async tick(plan: Plan, traceId: string): Promise<void> {
		this.#turn((state, turn) => {
			passTime(state, turn, Math.random);
			ensureWindow(state, turn, plan, traceId);
		});
	}

	async claim(runId: string, stepId: string): Promise<Claim> {
		const { state } = this.#recall();
		const turn = beginTurn(state, Date.now());
		const decision = claimStep(state, turn, runId, stepId);
		if (decision.state === "go" && decision.durable) this.#commit(turn, null);
		if (decision.state === "go" && !decision.durable) state.runs.set(decision.run.id, decision.run);
		this.#arm();
		return decision.state === "go" ? leaseOf(decision.run, decision.step, state.read) : decision;
	}

	async report(report: AttemptReport): Promise<void> {
		this.#turn((state, turn) => reportAttempt(state, turn, report, Math.random()));
	}

	async postpone(run: string, step: string, lease: LeaseId, sendAt: number): Promise<void> {
		this.#turn((state, turn) => postponeStep(state, turn, { run, step }, { lease, sendAt }));
	}

	async park(run: string, step: string, lease: LeaseId): Promise<void> {
		this.#turn((state, turn) => parkStep(state, turn, { run, step }, { lease, random: Math.random() }));
	}

	async call(runId: string, stepId: string): Promise<CallAnswer> {
		return this.#turn((state, turn) => callStep(state, turn, runId, stepId));
	}

	async wake(): Promise<void> {
		this.#alarmAt = undefined;
		this.#turn((state, turn) => passTime(state, turn, Math.random));
	}

	async crashed(runId: string, stepId: string): Promise<void> {
		this.#turn((state, turn) => crashStep(state, turn, runId, stepId));
	}

	async resume(runId: string, stepId: string, by: string): Promise<OperatorAnswer> {
		return this.#turn((state, turn) => resumeStep(state, turn, runId, stepId, by));
	}

	async hold(runId: string, stepId: string, until: number): Promise<void> {
		this.#turn((state, turn) => holdStep(state, turn, runId, stepId, until));
	}

	async release(workflow: string): Promise<void> {
		this.#turn((state, turn) => releaseSteps(state, turn, workflow));
	}

	async patch(runId: string, stepId: string, order: PatchOrder): Promise<PatchAnswer> {
		return this.#turn((state, turn) => patchStep(state, turn, runId, stepId, order));
	}

	async replay(runId: string, stepId: string, order: StepReplay): Promise<PatchAnswer> {
		return this.#turn((state, turn) => replayStep(state, turn, runId, stepId, order));
	}

	async peek(runId: string, stepId: string): Promise<Peeked | null> {
		const run = this.#findRun(runId);
		const step = run === null ? undefined : findStep(run, stepId);
		if (run === null || step === undefined) return null;
		const lease = leaseOf(run, step, this.#recall().state.read);
		return { lease, resumable: isResumable(run, step), open: isRunOpen(run) };
	}

	async cancel(runId: string, order: CancelOrder): Promise<OperatorAnswer> {
		return this.#turn((state, turn) => cancelRun(state, turn, runId, order));
	}

	async resumeRun(runId: string, order: ResumeOrder): Promise<OperatorAnswer> {
		return this.#turn((state, turn) => resumeRun(state, turn, runId, order));
	}

	async rerun(runId: string, order: RerunOrder) {
		const source = this.#findRun(runId);
		if (source === null) return { said: "gone" as const };
		const existing = this.#findRun(rerunId(source, order.name)) ?? undefined;
		return this.#turn((state, turn) => rerun(state, turn, { source, existing, order }));
	}

	async vote(runId: string, stepId: string, ballot: Ballot): Promise<VoteAnswer> {
		const said = this.#turn((state, turn) => {
			passTime(state, turn, Math.random);
			return vote(state, turn, runId, stepId, ballot);
		});
		return said === "gone" && this.#findRun(runId) !== null ? "over" : said;
	}

	async look(runId: string): Promise<RunState | null> {
		const run = this.#findRun(runId);
		if (run === null) return null;
		const { id, workflow, version, status, event_id } = run;
		const steps = run.steps.map(({ id, kind, status, attempts, due_at, class: failure, reason, approval }) => ({
			...{ id, kind, status, attempts, due_at, class: failure, reason, approval },
		}));
		return { id, workflow, version, status, event_id, steps };
	}

	async discard(runId: string, stepId: string, by: string, reason: string): Promise<OperatorAnswer> {
		return this.#turn((state, turn) => discardStep(state, turn, { run: runId, step: stepId, by, reason }));
	}

	override async alarm(info?: AlarmInvocationInfo): Promise<void> {
		// A handler that dies is retried only so often; from then on the fallback keeps the object awake.
		this.#alarmAt = null;
		if (info === undefined || info.isRetry) await this.ctx.storage.setAlarm(Date.now() + ALARM_FALLBACK_MS);
		try {
			const turn = this.#passTime();
			this.#write(turn, null);
			// In the same commit as what was decided; afterwards it is moved only if something is due even sooner.
			if (!isEmpty(turn)) this.#arm();
			await this.#send(turn.dispatch, isAtRest(this.#recall().state));
			await this.#forget();
		} catch (error) {
			console.error(JSON.stringify({ at: "entity.alarm", entity: this.#name.key, error: String(error) }));
			this.#memory = null;
			this.#alarmAt = Date.now() + ALARM_FALLBACK_MS;
			await this.ctx.storage.setAlarm(this.#alarmAt);
		}
	}

	/** What is due comes first, in a commit of its own: if that fails, new events are let in all the same. */
	#catchUp(): void {
		try {
			const turn = this.#passTime();
			if (!isEmpty(turn)) this.#commit(turn, null);
		} catch (error) {
			console.error(JSON.stringify({ at: "entity.catch_up", entity: this.#name.key, error: String(error) }));
		}
	}

	/** What has become due, decided and not yet written. */
	#passTime(): Turn {
		const { state } = this.#recall();
		const turn = beginTurn(state, Date.now());
		passTime(state, turn, Math.random);
		return turn;
	}

	/** One input: decide, commit, then send. */
	#turn<T>(decide: (state: EntityState, turn: Turn) => T, event: string | null = null): T {
		const { state } = this.#recall();
		const turn = beginTurn(state, Date.now());
		const answer = decide(state, turn);
		this.#commit(turn, event);
		return answer;
	}

	#commit(turn: Turn, event: string | null): void {
		this.#write(turn, event);
		this.#arm();
		this.ctx.waitUntil(this.#send(turn.dispatch, false));
	}

	#write(turn: Turn, event: string | null): void {
		if (isEmpty(turn)) return;
		const memory = this.#recall();
		this.ctx.storage.transactionSync(() =>
			store.writeTurn(this.ctx.storage.sql, memory.state, memory.outbox, turn, event),
		);
		applyTurn(memory.state, turn);
		remember(memory, turn);
	}

	async #send(dispatch: Turn["dispatch"], allFacts: boolean): Promise<void> {
		const { state, outbox } = this.#recall();
		const eventOf = (id: string) => store.findEventText(this.ctx.storage.sql, id);
		await drain({ env: this.env, state, outbox, inFlight: this.#inFlight, eventOf, now: Date.now }, dispatch, allFacts);
	}

	/** The alarm may come early, never late: it is moved only if something is due before it. */
	#arm(): void {
		if (this.#memory === null) return;
		const { state, outbox } = this.#memory;
		const next = nextWake({
			windows: state.windows.values(),
			runs: state.runs.values(),
			outbox_due_at: this.#outboxDueAt(outbox),
			expires_at: expiresAt(this.#memory),
		});
		if (next === null || (typeof this.#alarmAt === "number" && this.#alarmAt <= next)) return;
		this.#alarmAt = next;
		void this.ctx.storage.setAlarm(Math.max(next, Date.now()));
	}

	/** What is on its way is not sent beside itself, so to look again at once would be to look again for ever. */
	#outboxDueAt(outbox: Outbox): number | null {
		const due = outboxDueAt(outbox);
		return due === null || this.#inFlight.size === 0 ? due : Math.max(due, Date.now() + OUTBOX_RETRY_MS);
	}

	/** Marks what has left, drops what has expired, and the whole storage when nothing is left to remember. */
	async #forget(): Promise<void> {
		const memory = this.#recall();
		const now = Date.now();
		const end = expiresAt(memory);
		if (end !== null && end <= now) {
			this.#memory = null;
			this.#alarmAt = null;
			await this.ctx.storage.deleteAll();
			return;
		}
		tidy(this.ctx.storage.sql, memory, now);
		this.#arm();
	}

	/** Of this Entity, open or not, for as long as it is kept. */
	#findRun(id: string): Run | null {
		return this.#recall().state.runs.get(id) ?? store.findRun(this.ctx.storage.sql, id);
	}

	#recall(): Memory {
		this.#memory ??= recall(this.ctx.storage, this.#name);
		return this.#memory;
	}

	#refuseStrangers(tenant: string): void {
		if (tenant !== this.#name.tenant) throw new Error("this object belongs to another tenant");
	}
}
