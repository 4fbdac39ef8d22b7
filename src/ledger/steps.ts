// What became of the steps of a run, folded from what was told of them. Steps that were sent or leased are not told:
// such a step is as it was last heard of.

import type { Json } from "../model/json";
import type { Entry, StepView } from "../model/ledger";
import { FailureClass } from "../model/outcome";

/** How the step is called that takes another one back. */
const UNDO = ".undo";

/** `was`: what it was before it was to be undone. `blocked`: skipped because another step failed. */
interface Told extends StepView {
	was?: StepView["status"];
	blocked?: true;
}

type Steps = Map<string, Told>;

/** `told` are the facts of one run, in order. Steps stand as in the document, items after their step. */
export function stepsOf(told: readonly Entry[], isOver: boolean): StepView[] {
	const steps: Steps = new Map();
	for (const fact of told) tell(steps, fact);
	const places = new Map([...steps.keys()].map((id, place) => [baseOf(id), place] as const).toReversed());
	return [...steps.values()]
		.map(({ was: _, blocked: __, ...step }) =>
			isOver && step.status === "pending" ? { ...step, status: "skipped" as const } : step,
		)
		.sort((a, b) => (places.get(baseOf(a.id)) ?? 0) - (places.get(baseOf(b.id)) ?? 0) || itemOf(a.id) - itemOf(b.id));
}

export function isUndo(step: string | undefined): boolean {
	return step?.endsWith(UNDO) === true;
}

/** The step of the document that a step, an item or an undo belongs to. */
export function baseOf(id: string): string {
	return id.split(".")[0] ?? id;
}

/** -1 for the step itself. */
function itemOf(id: string): number {
	return Number(id.split(".")[1] ?? -1);
}

function tell(steps: Steps, fact: Entry): void {
	switch (fact.kind) {
		case "run.started":
			for (const id of texts(fact.data.steps)) change(steps, id, (step) => step);
			break;
		case "attempt.finished":
			if (isLateSuccess(steps, fact)) {
				unblock(steps);
				spread(steps, fact.step);
			}
			change(steps, fact.step, (step) => afterAttempt(step, fact));
			break;
		case "step.waiting":
			change(steps, fact.step, (step) => ({ ...clean(step), status: "waiting", ...untilOf(fact.data.until) }));
			break;
		case "step.ended":
			change(steps, fact.step, (step) => afterEnd(step, fact));
			break;
		case "dead_letter.opened":
			change(steps, fact.step, (step) => failed(step, fact));
			break;
		case "dead_letter.retried":
			unblock(steps);
			retry(steps, fact.step);
			break;
		case "run.resumed":
			unblock(steps);
			break;
		case "run.compensating":
			for (const id of texts(fact.data.steps)) change(steps, id, undoing);
			break;
		case "run.finished":
			for (const [id, status] of Object.entries(membersOf(fact.data.steps))) close(steps, id, status);
			for (const id of steps.keys()) change(steps, id, leftOver);
			break;
		case "event.received":
		case "event.duplicate":
		case "event.handed_on":
		case "delivery.unreadable":
		case "join.waiting":
		case "run.cancelled":
		case "approval.voted":
		case "dead_letter.discarded":
		case "dead_letter.resolved":
		case "workflow.paused":
		case "workflow.resumed":
		case "connection.resumed":
		case "dead_letter.patched":
		case "letter_group.acknowledged":
		case "letter_group.resolved":
		case "letter_group.ignored":
		case "letter_group.reopened":
		case "replay.started":
		case "replay.finished":
		case "replay.aborted":
		case "alert.raised":
		case "alert.cleared":
			break;
	}
}

/** Of an undo, the step that it takes back is changed. */
function change(steps: Steps, told: string | undefined, how: (step: Told) => Told): void {
	if (told === undefined) return;
	const id = isUndo(told) ? told.slice(0, -UNDO.length) : told;
	const base = baseOf(id);
	if (base !== id) change(steps, base, begun);
	steps.set(id, how(steps.get(id) ?? { id, status: "pending", attempts: 0 }));
}

/** One of its items is under way, or was. */
function begun(step: StepView): StepView {
	return step.status === "pending" ? { ...step, status: "running" } : step;
}

/** Without what told of a state that is over. */
function clean({ id, status, attempts }: StepView): StepView {
	return { id, status, attempts };
}

function afterAttempt(step: Told, fact: Entry): Told {
	const { outcome, next_at } = fact.data;
	const ofUndo = isUndo(fact.step);
	const tried = ofUndo ? step : { ...step, attempts: step.attempts + 1 };
	// Late: it is undone, or being undone, all the same.
	if (!ofUndo && isUndoneInPart(step)) return { ...tried, was: "succeeded" };
	if (outcome === "succeeded") return { ...clean(tried), status: ofUndo ? "undone" : "succeeded" };
	if (typeof next_at !== "number") return failed(tried, fact);
	const reason = reasonOf(fact);
	return { ...clean(tried), status: ofUndo ? "undoing" : "waiting", ...reason, until: next_at };
}

function afterEnd(step: Told, fact: Entry): Told {
	const { status, fell_back, blocked } = fact.data;
	const ofUndo = isUndo(fact.step);
	switch (status) {
		case "failed":
			return failed(step, fact);
		case "succeeded":
			if (ofUndo) return { ...clean(step), status: "undone" };
			return { ...clean(step), status, ...reasonOf(fact), ...(fell_back === true ? { fell_back } : {}) };
		case "skipped":
		case "cancelled":
			if (ofUndo) return step;
			return { ...clean(step), status, ...reasonOf(fact), ...(blocked === true ? { blocked } : {}) };
		default:
			return step;
	}
}

function failed(step: StepView, fact: Entry): StepView {
	return { ...clean(step), status: isUndo(fact.step) ? "undo_failed" : "failed", ...reasonOf(fact) };
}

function retry(steps: Steps, step: string | undefined): void {
	change(steps, step, resumed);
	spread(steps, step);
}

/** With an item, the step that it belongs to goes on. */
function spread(steps: Steps, item: string | undefined): void {
	if (item === undefined || isUndo(item) || baseOf(item) === item) return;
	change(steps, baseOf(item), (step) => (isUndoneInPart(step) ? step : { ...clean(step), status: "running" }));
}

function resumed(step: StepView): StepView {
	if (step.status === "failed") return { ...clean(step), status: "running" };
	if (step.status === "undo_failed") return { ...clean(step), status: "undoing" };
	return step;
}

/** It was given up, and succeeded after all. */
function isLateSuccess(steps: Steps, { step = "", data }: Entry): boolean {
	const status = steps.get(step)?.status;
	return data.outcome === "succeeded" && (status === "failed" || status === "skipped" || status === "cancelled");
}

/** What stood still because of a failure gets another chance, unless undoing has begun. */
function unblock(steps: Steps): void {
	if ([...steps.values()].some(isUndoneInPart)) return;
	for (const [id, step] of steps) {
		if (step.blocked === true) steps.set(id, { ...clean(step), status: "pending" });
	}
}

function isUndoneInPart({ status }: StepView): boolean {
	return status === "undoing" || status === "undone" || status === "undo_failed";
}

function undoing(step: Told): Told {
	return step.status === "undone" || step.status === "undo_failed"
		? step
		: { ...step, status: "undoing", was: step.status };
}

/** At the end of the run: not undone because another undo failed, or given up because a new version lacks the step. */
function leftOver({ was, ...step }: Told): Told {
	if (step.status === "undoing" && was !== undefined) return { ...step, status: was };
	return step.status === "running" || step.status === "waiting" ? { ...clean(step), status: "cancelled" } : step;
}

/** What the end of the run says of a step, for those of which nothing was told in between. */
function close(steps: Steps, id: string, status: Json): void {
	change(steps, id, (step) => {
		if (isUndo(id) || !OPEN.some((open) => open === step.status)) return step;
		if (status === "succeeded" || status === "failed" || status === "skipped" || status === "cancelled") {
			return { ...clean(step), status };
		}
		return step;
	});
}

const OPEN = ["pending", "running", "waiting"] as const;

function reasonOf({ data }: Entry): Pick<StepView, "class" | "reason"> {
	const failure = FailureClass.safeParse(data.class);
	return {
		...(failure.success ? { class: failure.data } : {}),
		...(typeof data.reason === "string" ? { reason: data.reason } : {}),
	};
}

function untilOf(until: Json | undefined): Pick<StepView, "until"> {
	return typeof until === "number" ? { until } : {};
}

function texts(list: Json | undefined): string[] {
	return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
}

function membersOf(value: Json | undefined): Record<string, Json> {
	return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
