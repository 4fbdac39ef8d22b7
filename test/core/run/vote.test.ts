// People vote on a step of a run.

import { describe, expect, test } from "vitest";
import { vote } from "../../../src/core/run/operate";
import { event, Given, HOUR, join, NOW, plan, runOf, stepPlan } from "./given";
import { ballot, cancels, needs, started, statuses, votes } from "./operators";

const ASK = { id: "ask", use: "approve", connection: null, input: { of: ["legal", "sales"], need: 2, within: "1h" } };

describe("votes", () => {
	test("are told each, with how many are still needed", () => {
		const given = started([ASK, { id: "act", ...needs("ask") }]);
		expect(given.facts.at(-1)).toMatchObject({
			id: "waiting:deal-watch:ask:0",
			kind: "step.waiting",
			data: { for: "approval", until: NOW + HOUR, of: ["legal", "sales"], need: 2 },
		});
		expect(votes(given, 10, ballot("legal"))).toBe("counted");
		expect(given.facts.at(-1)).toMatchObject({
			id: "voted:deal-watch:ask:0:legal",
			kind: "approval.voted",
			actor: "legal",
			data: { vote: "approve", approved: 1, need: 2 },
		});
		expect(given.facts.at(-1)?.data).not.toHaveProperty("comment");
		expect(statuses(given)).toEqual({ ask: "asking", act: "pending" });
	});

	test("that are enough let the run go on in the same turn", () => {
		const given = started([ASK, { id: "act", if: "steps.ask.output.approved", ...needs("ask") }]);
		votes(given, 10, ballot("legal"));
		votes(given, 20, ballot("sales", { comment: "fine" }));
		expect(given.dispatched).toEqual([`${runOf(1)} act`]);
		expect(given.facts.slice(-2)).toMatchObject([
			{ kind: "approval.voted", data: { comment: "fine", approved: 2 } },
			{ kind: "step.ended", step: "ask", data: { status: "succeeded" } },
		]);
	});

	test("against it end the run without a dead letter: people have decided", () => {
		const given = started([ASK, { id: "act", ...needs("ask") }]);
		votes(given, 10, ballot("legal", { vote: "reject", comment: "no" }));
		expect(given.run().status).toBe("failed");
		expect(given.kinds().slice(-4)).toEqual(["approval.voted", "step.ended", "step.ended", "run.finished"]);
		expect(given.step("act")).toMatchObject({ status: "skipped", blocked: true });
	});

	test("after the end count for nothing", () => {
		const given = started([ASK, { id: "other" }]);
		given.passes(HOUR);
		expect(given.step("ask")).toMatchObject({ status: "failed", class: "timeout" });
		const facts = given.facts.length;
		expect(votes(given, HOUR + 1, ballot("legal"))).toBe("over");
		expect(given.facts).toHaveLength(facts);
	});

	test("are over when the run is called off", () => {
		const given = started([ASK, { id: "other" }]);
		given.claims(1, "other");
		cancels(given, 5);
		expect(votes(given, 10, ballot("legal"))).toBe("over");
	});

	test("that do not count change nothing", () => {
		const given = started([ASK]);
		const before = given.run();
		expect(votes(given, 10, ballot("intern"))).toBe("not_asked");
		expect(given.run()).toBe(before);
	});

	test("on what is not known are answered with gone", () => {
		const given = started([ASK]);
		expect(votes(given, 10, ballot("legal"), "nobody")).toBe("gone");
		expect(given.turn(10, (turn) => vote(given.state, turn, "run_x.y", "ask", ballot("legal")))).toBe("gone");
	});
});

describe("who set it off cannot vote", () => {
	const legal = ballot("legal", { identities: ["crm:7"] });
	const actor = { kind: "human", id: "7" } as const;

	test("as the actor of its event", () => {
		const given = new Given();
		given.arrives(event(1, { actor }), plan(undefined, { steps: [stepPlan(ASK)] }), 0);
		expect(votes(given, 10, legal)).toBe("own");
	});

	test("as the actor of any branch of its join", () => {
		const given = new Given();
		const branches = { build: "required", scan: "required", docs: "optional" } as const;
		const joins = (branch: string) => plan(join({ branches }), { steps: [stepPlan(ASK)], branch });
		given.arrives(event(1, { actor }), joins("build"), 0);
		given.arrives(event(2), joins("scan"), 1);
		expect(votes(given, 10, legal, "ask", runOf(1))).toBe("own");
		expect(votes(given, 10, ballot("sales"), "ask", runOf(1))).toBe("counted");
	});

	test("but nobody is kept from it by an event that is gone", () => {
		const given = new Given();
		given.arrives(event(1, { actor }), plan(undefined, { steps: [stepPlan(ASK)] }), 0);
		given.bodies.clear();
		expect(votes(given, 10, legal)).toBe("counted");
	});
});
