// The calls of an Entity in the simulation, as in src/entity/entity.ts: each becomes one turn of the real core.

import { acceptEvent, ensureWindow } from "../../src/core/accept";
import { passTime } from "../../src/core/pass-time";
import {
	callStep,
	claimStep,
	crashStep,
	holdStep,
	parkStep,
	postponeStep,
	releaseSteps,
	reportAttempt,
} from "../../src/core/report";
import { leaseOf } from "../../src/core/run/lease";
import { cancelRun, discardStep, rerun, rerunId, resumeRun, resumeStep, vote } from "../../src/core/run/operate";
import { beginTurn } from "../../src/core/turn";
import type { AcceptInput } from "../../src/model/entity";
import type {
	AttemptReport,
	Ballot,
	CallAnswer,
	CancelOrder,
	Claim,
	Lease,
	OperatorAnswer,
	RerunOrder,
	ResumeOrder,
	VoteAnswer,
} from "../../src/model/message";
import type { Plan } from "../../src/model/plan";
import { Body } from "./body";
import { asItArrived, bentPlan } from "./plants";
import type { HandOn, Rerun, Shell } from "./shell";

export class SimulatedEntity extends Body implements Shell {
	accept(input: AcceptInput): { duplicate: boolean } {
		this.recall();
		this.catchUp();
		const { plant, bytesOf } = this.history;
		const receipt = plant === "no_receipt_check" ? null : this.rows.findReceipt(input.event.id);
		const event = plant === "arrival_order" ? asItArrived(input.event, this.now) : input.event;
		this.turn((state, turn) => {
			const plans = input.plans.map((plan) => bentPlan(plant, state, plan));
			acceptEvent(state, turn, { ...input, plans, event, receipt, bytes: bytesOf(event) });
		});
		return { duplicate: receipt !== null };
	}

	handOn({ event, plan }: HandOn): void {
		this.accept({ event, plans: [plan], unmatched: [] });
	}

	tick(plan: Plan, traceId: string): void {
		this.turn((state, turn) => {
			passTime(state, turn, this.random);
			ensureWindow(state, turn, plan, traceId);
		});
	}

	claim(run: string, step: string): Claim {
		const { state } = this.recall();
		const turn = beginTurn(state, this.now);
		const decision = claimStep(state, turn, run, step);
		if (decision.state === "go" && decision.durable) this.commit(turn);
		if (decision.state === "go" && !decision.durable) state.runs.set(decision.run.id, decision.run);
		this.arm();
		if (decision.state !== "go") return decision;
		const lease = leaseOf(decision.run, decision.step, state.read);
		if (this.history.plant === "random_key") lease.idempotency_key += `.${this.history.world.prng.between(0, 1e9)}`;
		this.history.witness.claimed({ entity_key: this.key, run, step }, lease, this.wakings);
		return lease;
	}

	report(report: AttemptReport): void {
		this.turn((state, turn) => reportAttempt(state, turn, report, this.random()));
	}

	postpone(run: string, step: string, lease: Lease, sendAt: number): void {
		this.turn((state, turn) => postponeStep(state, turn, { run, step }, { lease, sendAt }));
	}

	park(run: string, step: string, lease: Lease): void {
		this.turn((state, turn) => parkStep(state, turn, { run, step }, { lease, random: this.random() }));
	}

	call(run: string, step: string): CallAnswer {
		return this.turn((state, turn) => callStep(state, turn, run, step));
	}

	crashed(run: string, step: string): void {
		this.turn((state, turn) => crashStep(state, turn, run, step));
	}

	hold(run: string, step: string, until: number): void {
		this.turn((state, turn) => holdStep(state, turn, run, step, until));
	}

	release(workflow: string): void {
		this.turn((state, turn) => releaseSteps(state, turn, workflow));
	}

	resume(run: string, step: string): OperatorAnswer {
		return this.turn((state, turn) => resumeStep(state, turn, run, step, "operator"));
	}

	discard(run: string, step: string): OperatorAnswer {
		return this.turn((state, turn) => discardStep(state, turn, { run, step, by: "operator", reason: "not needed" }));
	}

	cancel(run: string, order: CancelOrder): OperatorAnswer {
		return this.turn((state, turn) => cancelRun(state, turn, run, order));
	}

	resumeRun(run: string, order: ResumeOrder): OperatorAnswer {
		return this.turn((state, turn) => resumeRun(state, turn, run, order));
	}

	rerun(run: string, order: RerunOrder): Rerun {
		const source = this.findRun(run);
		if (source === null) return { said: "gone" };
		const existing = this.findRun(rerunId(source, order.name)) ?? undefined;
		return this.turn((state, turn) => rerun(state, turn, { source, existing, order }));
	}

	vote(run: string, step: string, ballot: Ballot): VoteAnswer {
		return this.turn((state, turn) => {
			passTime(state, turn, this.random);
			return vote(state, turn, run, step, ballot);
		});
	}
}
