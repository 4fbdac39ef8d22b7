// Join: events of several kinds come together. Each completes a branch, whichever comes first opens the window, and
// enough of them, by a stated condition, close it. None can wait for ever: the deadline counts from the first event.

import type { Arrival, BranchState, Window } from "../../model/entity";
import type { JoinPlan } from "../../model/plan";
import { holds } from "../run/texts";
import { isNotOlder } from "./order";
import { addArrival, type Opening, openWindow, type TimingDecision } from "./window";

/** `window` is not yet due: a window that is due closes before anything arrives at it. */
export function acceptIntoJoin(
	window: Window | null,
	opening: Opening & { timing: JoinPlan },
	arrival: Arrival,
	now: number,
): TimingDecision {
	if (window?.closed === true) return { window, acts: null, verdict: "late" };
	// It was opened by another version, and waits for its branches.
	if (window !== null && !Object.hasOwn(policyOf(window).branches, arrival.branch ?? "")) {
		return { window, acts: null, verdict: "late" };
	}
	const joined = joinBranch(window ?? openJoin(opening, now), arrival);
	const { branch = "" } = arrival;
	if (policyOf(joined).branches[branch] === "veto") {
		const vetoed = { class: "rejected", reason: `${branch} has vetoed it` } as const;
		return { window: afterwards(joined, now), acts: joined, gate: vetoed, verdict: "joined" };
	}
	if (isComplete(joined)) return { window: afterwards(joined, now), acts: joined, verdict: "joined" };
	return { window: joined, acts: null, verdict: "joined" };
}

export function openJoin(opening: Opening & { timing: JoinPlan }, now: number): Window {
	return { ...openWindow(opening, now), due_at: now + opening.timing.by };
}

/** The fold: also what rebuilds a window from its receipts. A branch that comes again is still one branch. */
export function joinBranch(window: Window, arrival: Arrival): Window {
	const { branch = "", event_id, order, at } = arrival;
	const known = Object.hasOwn(window.branches, branch) ? window.branches[branch] : undefined;
	const isNewest = known === undefined || isNotOlder(order, known.order);
	const next: BranchState = isNewest
		? { event_id, order, at: known?.at ?? at, count: (known?.count ?? 0) + 1 }
		: { ...known, count: known.count + 1 };
	return { ...addArrival(window, arrival), branches: { ...window.branches, [branch]: next } };
}

/** What a join that is due becomes: too few have come, or what was closed is forgotten. */
export function closeJoin(window: Window, now: number): TimingDecision {
	if (window.closed === true) return { window: null, acts: null, verdict: "joined" };
	const { on_short, by } = policyOf(window);
	const after = afterwards(window, now);
	const { have, missing } = branchesOf(window);
	const reason = `only ${have.join(", ")} came in time, and not ${missing.join(", ")}`;
	switch (on_short) {
		case "proceed":
			return { window: after, acts: window, verdict: "joined" };
		case "fail":
			return { window: after, acts: window, gate: { class: "timeout", reason }, verdict: "joined" };
		case "escalate": {
			const ask = `${window.workflow}: ${reason}. Go on with what there is?`;
			const approval = { of: [], need: 1, until: now + by, self_approval: true, ask, votes: [] };
			return {
				window: after,
				acts: window,
				gate: { approval: { ...approval, on_timeout: "fail" } },
				verdict: "joined",
			};
		}
	}
}

/** Which branches have come, and which others could. A veto is waited for by nobody. */
export function branchesOf(window: Window): { have: string[]; missing: string[] } {
	const { branches } = policyOf(window);
	const names = Object.keys(branches).filter((name) => branches[name] !== "veto");
	const has = (name: string) => Object.hasOwn(window.branches, name);
	return { have: names.filter(has), missing: names.filter((name) => !has(name) && branches[name] === "required") };
}

function isComplete(window: Window): boolean {
	const { branches, need } = policyOf(window);
	const names = Object.keys(branches);
	const has = (name: string) => Object.hasOwn(window.branches, name);
	if (typeof need === "number")
		return names.filter((name) => branches[name] === "required" && has(name)).length >= need;
	const held = holds(need, Object.fromEntries(names.map((name) => [name, has(name)])), names);
	return held.ok && held.value;
}

/** For as long as it may have waited, a join that is over remembers that it was. */
function afterwards(window: Window, now: number): Window | null {
	const { late, by } = policyOf(window);
	return late === "ignore" ? { ...window, closed: true, due_at: now + by } : null;
}

function policyOf(window: Window): JoinPlan {
	if (window.timing.kind !== "join") throw new Error(`window ${window.id} is not a join`);
	return window.timing;
}
