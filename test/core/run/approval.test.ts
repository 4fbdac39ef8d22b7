// People are asked, and a stated number of them decides.

import { describe, expect, test } from "vitest";
import { castVote, expireApproval } from "../../../src/core/run/approval";
import type { Approval, StepState, Vote } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import type { Ballot } from "../../../src/model/message";
import { event, HOUR, NOW, SECOND, stepState } from "./given";
import { ballot } from "./operators";

function asking(more: Partial<Approval> = {}): StepState {
	const approval: Approval = {
		of: ["legal", "finance"],
		need: 2,
		until: NOW + HOUR,
		on_timeout: "fail",
		self_approval: false,
		ask: "",
		votes: [],
		...more,
	};
	return stepState({ id: "ask", status: "asking", due_at: NOW + HOUR, approval });
}

const events = [event(1, { actor: { kind: "human", id: "583231" } })];

function cast(step: StepState, by: Ballot, about: { events?: CanonicalEvent[]; asked_by?: string } = {}) {
	return castVote({ step, ballot: by, events: about.events ?? events, asked_by: about.asked_by }, NOW + SECOND);
}

const said = (...args: Parameters<typeof cast>) => cast(...args).said;

function vote(by: string, more: Partial<Vote> = {}): Vote {
	return { by, vote: "approve", at: NOW, ...more };
}

describe("an approval", () => {
	test("counts a vote, and goes on asking until there are enough", () => {
		const first = vote("legal", { at: NOW + SECOND });
		expect(cast(asking(), ballot("legal"))).toMatchObject({
			said: "counted",
			decided: false,
			vote: first,
			step: { status: "asking", due_at: NOW + HOUR, approval: { votes: [first] } },
		});
		expect(cast(asking(), ballot("legal"))).not.toHaveProperty("vote.comment");
	});

	test("is given with the last vote that it needs, and says who gave it", () => {
		const last = cast(asking({ votes: [vote("legal")] }), ballot("finance", { comment: "fine" }));
		expect(last).toMatchObject({ said: "counted", decided: true, step: { status: "succeeded", due_at: null } });
		expect(last.said === "counted" ? last.step.output : null).toEqual({
			approved: true,
			votes: [
				{ by: "legal", vote: "approve", at: "2026-11-20T09:00:00.000Z" },
				{ by: "finance", vote: "approve", at: "2026-11-20T09:00:01.000Z", comment: "fine" },
			],
		});
	});

	test.each([
		[undefined, "rejected by legal"],
		["too early", "rejected by legal: too early"],
	])("is refused with one rejection: %s", (comment, reason) => {
		const step = asking({ need: 5, votes: [vote("finance")] });
		expect(cast(step, ballot("legal", { vote: "reject", comment }))).toMatchObject({
			said: "counted",
			decided: true,
			step: { status: "failed", class: "rejected", due_at: null, reason, output: { approved: false } },
		});
	});

	test("is refused with the only rejection, though enough have approved", () => {
		const step = asking({ need: 1 });
		expect(cast(step, ballot("legal", { vote: "reject" }))).toMatchObject({ step: { status: "failed" } });
	});
});

describe("a vote counts", () => {
	test.each<[string, StepState, Ballot, string]>([
		["of somebody who is named", asking(), ballot("legal"), "counted"],
		["of a member of a team that is named", asking(), ballot("ada", { teams: ["sales", "finance"] }), "counted"],
		["not of somebody else", asking(), ballot("sales"), "not_asked"],
		["not of a member of another team", asking(), ballot("ada", { teams: ["sales"] }), "not_asked"],
		["not of an operator, where approvers are named", asking(), ballot(null), "not_asked"],
		["not of an operator, whatever teams are said", asking(), ballot(null, { teams: ["legal"] }), "not_asked"],
		["of an operator, where nobody is named", asking({ of: [] }), ballot(null), "counted"],
		["not of an approver, where an operator is asked", asking({ of: [] }), ballot("sales"), "not_asked"],
		["once", asking({ votes: [vote("legal")] }), ballot("legal"), "voted_already"],
		[
			"once, whatever is said the second time",
			asking({ votes: [vote("legal")] }),
			ballot("legal", { vote: "reject" }),
			"voted_already",
		],
		["not of a step that has ended", { ...asking(), status: "succeeded" }, ballot("legal"), "over"],
		["not of a step that was never asked", stepState({ status: "asking" }), ballot("legal"), "over"],
		["not where something else is under way", stepState({ status: "leased" }), ballot("legal"), "over"],
	])("%s", (_, step, by, expected) => {
		expect(said(step, by)).toBe(expected);
	});
});

describe("nobody approves what they set off themselves", () => {
	const own = ballot("legal", { identities: ["slack:U1", "crm:583231"] });

	test("as the actor of the event", () => {
		expect(said(asking(), own)).toBe("own");
	});

	test("as the actor of any event that led to the run", () => {
		expect(said(asking(), own, { events: [event(2), ...events] })).toBe("own");
	});

	test("and cannot reject it either", () => {
		expect(said(asking(), { ...own, vote: "reject" })).toBe("own");
	});

	test.each([
		[
			"an actor of another system has the same id",
			[event(1, { source_system: "jira", actor: { kind: "human", id: "583231" } })],
		],
		["somebody else is the actor", [event(1, { actor: { kind: "human", id: "7" } })]],
		["nobody knows who the actor is", [event(1)]],
		["there is no event", []],
	])("but may where %s", (_, events) => {
		expect(said(asking(), { ...own, identities: ["crm:583231", "crm:undefined"] }, { events })).toBe("counted");
	});

	test("as the approver who asked for the run", () => {
		expect(said(asking(), ballot("legal"), { asked_by: "legal" })).toBe("own");
		expect(said(asking(), ballot("finance"), { asked_by: "legal" })).toBe("counted");
	});

	test("and an operator is no approver", () => {
		expect(said(asking({ of: [] }), ballot(null), { asked_by: "legal" })).toBe("counted");
		expect(said(asking({ of: [] }), ballot(null))).toBe("counted");
	});

	test("unless the document allows it", () => {
		expect(said(asking({ self_approval: true }), own)).toBe("counted");
		expect(said(asking({ self_approval: true }), ballot("legal"), { asked_by: "legal" })).toBe("counted");
	});
});

describe("when the time is over", () => {
	test("the step fails, and says how many votes came", () => {
		expect(expireApproval(asking({ votes: [vote("legal")] }))).toMatchObject({
			status: "failed",
			class: "timeout",
			due_at: null,
			reason: "1 of 2 votes came in time",
			output: { approved: false, votes: [{ by: "legal", vote: "approve", at: "2026-11-20T09:00:00.000Z" }] },
		});
	});

	test("or goes on without approval, where its author says so", () => {
		expect(expireApproval(asking({ on_timeout: "proceed" }))).toMatchObject({
			status: "succeeded",
			due_at: null,
			output: { approved: false, votes: [] },
		});
	});

	test("a step that asked nobody fails", () => {
		const step = stepState({ status: "asking" });
		expect(expireApproval(step)).toMatchObject({ status: "failed", reason: "0 of 1 votes came in time" });
	});
});
