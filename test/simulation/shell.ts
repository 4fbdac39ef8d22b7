// What the rest of the simulation knows of an Entity: its calls, its alarm, and that it may die. There are two: a double
// that is fast and can be given mistakes (entity.ts), and the real one on a stand-in of the platform (real-entity.ts).

import type { AcceptInput } from "../../src/model/entity";
import type { CanonicalEvent } from "../../src/model/event";
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
import type { Alarm } from "./alarm";

/** An event on its way to a group's Entity. */
export interface HandOn {
	event: CanonicalEvent;
	plan: Plan;
}

export type Rerun = { said: "ok"; run: string } | { said: "gone" | "conflict" };

type Later<T> = T | Promise<T>;

/** Every call fails with `Lost` if the Entity dies meanwhile. */
export interface Shell {
	readonly key: string;
	readonly alarm: Alarm;
	/** Counts the restarts: what was started in an earlier life has no effect in this one. */
	readonly life: number;
	/** Until then everything that it does fails, as in an object that the platform cannot run. */
	brokenUntil: number;
	/** Whether it did anything since somebody last looked. */
	isTouched: boolean;

	accept(input: AcceptInput): Later<{ duplicate: boolean }>;
	handOn(input: HandOn): Later<void>;
	tick(plan: Plan, traceId: string): Later<void>;
	claim(run: string, step: string): Later<Claim>;
	report(report: AttemptReport): Later<void>;
	postpone(run: string, step: string, lease: Lease, sendAt: number): Later<void>;
	park(run: string, step: string, lease: Lease): Later<void>;
	call(run: string, step: string): Later<CallAnswer>;
	crashed(run: string, step: string): Later<void>;
	resume(run: string, step: string): Later<OperatorAnswer>;
	discard(run: string, step: string): Later<OperatorAnswer>;
	hold(run: string, step: string, until: number): Later<void>;
	release(workflow: string): Later<void>;
	cancel(run: string, order: CancelOrder): Later<OperatorAnswer>;
	resumeRun(run: string, order: ResumeOrder): Later<OperatorAnswer>;
	rerun(run: string, order: RerunOrder): Later<Rerun>;
	vote(run: string, step: string, ballot: Ballot): Later<VoteAnswer>;

	/** The process is gone, whatever it was doing. */
	die(why: string): void;
	/** Whether nothing of it is on disk. */
	isEmpty(): boolean;
	/** When it has something to do, as far as it is known from outside; its alarm must not be later. */
	dueAt(): number | null;
}
