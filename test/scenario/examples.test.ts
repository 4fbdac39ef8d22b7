// The documents in examples/, each with the deliveries that it is about: what went out, what was held back and why, and
// what the journal tells of it.

import { expect, test, vi } from "vitest";
import firstSteps from "../../examples/first-steps.yaml?raw";
import issueSettled from "../../examples/issue-settled.yaml?raw";
import paymentFailed from "../../examples/payment-failed.yaml?raw";
import signupDigest from "../../examples/signup-digest.yaml?raw";
import { holdClock } from "../worker/support/clock";
import { NOBODY, script } from "./support/outside";
import { gitHub, shop, standard, stripe } from "./support/senders";
import { kinds, Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

test("first-steps tells every paid order, and the journal tells the whole way of it in order", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("self");
	await acme.publish(firstSteps);
	const paid = await acme.take(shop("order.paid", { id: "o-1" }));
	const opened = await acme.take(shop("order.opened", { id: "o-1" }));
	const [request] = await acme.arrived("self", 1);
	expect(request).toMatchObject({ method: "GET", path: `${acme.place("self")}/admin/v1/health?order=o-1` });
	expect(request?.headers["idempotency-key"]).toBe(`sb_${paid.slice("evt_".length)}.first-steps.tell`);

	await acme.told({ events: 2, "runs.succeeded": 1 });
	const events = await acme.events();
	expect(events.map(({ event }) => event).sort()).toEqual([paid, opened].sort());
	expect(events.find(({ event }) => event === paid)?.data).toMatchObject({
		source: "shop",
		event_type: "order.paid",
		entity_id: "token/order/o-1",
		trust: "token",
		verdicts: [{ workflow: "first-steps", version: 1, verdict: "started" }],
		unmatched: [],
	});
	expect(events.find(({ event }) => event === opened)?.data).toMatchObject({
		verdicts: [],
		unmatched: [
			{
				workflow: "first-steps",
				reason: "event_type",
				detail: "on wants order.paid, and the event is order.opened",
			},
		],
	});

	const story = ["event.received", "run.started", "attempt.finished succeeded", "run.finished"];
	expect(kinds(await acme.event(paid))).toEqual(story);
	expect(kinds(await acme.trace(paid.slice("evt_".length)))).toEqual(story);
	const [run] = await acme.runs();
	expect(run).toMatchObject({ workflow: "first-steps", version: 1, status: "succeeded", event: paid });
	expect(kinds(run?.facts ?? [])).toEqual(story.slice(1));
	expect((await acme.must("GET", `/runs/${run?.id}`)).body).toEqual(run);
});

test("issue-settled acts once for six edits, on the last of them, and not on what a bot does", async () => {
	const acme = await Tenant.create("github");
	await acme.connect("slack-support", { connector: "slack" });
	await acme.publish(issueSettled);
	const edits: string[] = [];
	for (let n = 1; n <= 6; n++) {
		await pass(400);
		edits.push(await acme.take(await gitHub({ title: `Title ${n}` })));
	}
	const bot = await acme.take(await gitHub({ sender: { id: 9, login: "tidy[bot]", type: "Bot" } }));
	const pinned = await acme.take(await gitHub({ action: "pinned" }));

	await pass(2_999);
	expect(await acme.bodiesAt("slack-support")).toEqual([]);
	await pass(1);
	const [message] = await acme.arrived("slack-support", 1);
	expect(message?.path).toBe(`${acme.place("slack-support")}/chat.postMessage`);
	expect(message?.headers.authorization).toBe("Bearer xoxb-very-secret");
	expect(JSON.parse(message?.body ?? "")).toMatchObject({
		channel: "C0SUPPORT",
		text: "#1 Title 6 has settled after 6 edits",
		metadata: { event_payload: { k: `sb_${edits[0]?.slice("evt_".length)}.issue-settled.tell` } },
	});

	const counters = await acme.told({ events: 8, "runs.succeeded": 1 });
	expect(counters).toMatchObject({ "verdicts.debounced": 6, runs: 1, attempts: 1 });
	const [run] = await acme.runs();
	expect(run?.facts[0]?.data).toMatchObject({ window: { count: 6, events: edits } });
	// Every edit leads to the run, whichever of them one asks about.
	for (const edit of edits) expect(kinds(await acme.event(edit))).toContain("run.finished");
	const unmatched = async (id: string) => (await acme.event(id))[0]?.data.unmatched;
	expect(await unmatched(bot)).toMatchObject([
		{ reason: "actor", detail: "on wants human, and the actor is automation" },
	]);
	expect(await unmatched(pinned)).toMatchObject([{ reason: "event_type" }]);
	expect(JSON.stringify(await acme.trace(run?.trace_id ?? ""))).not.toContain("xoxb-very-secret");
});

test("payment-failed reaches a pager that is busy and a ledger that does not answer, each in the end", async () => {
	vi.spyOn(Math, "random").mockReturnValue(0);
	const acme = await Tenant.create("stripe");
	for (const system of ["pager", "finance"]) await acme.connect(system);
	await script(acme.place("pager"), { status: 429, headers: { "retry-after": "2" } }, { status: 202 });
	await script(acme.place("finance"), "hang", { status: 201 });
	await acme.publish(paymentFailed);
	const invoice = { id: "in_1", object: "invoice", amount_due: 4_900, currency: "eur", customer: "cus_fern" };
	const failed = await acme.take(await stripe("invoice.payment_failed", invoice));
	const small = await acme.take(await stripe("invoice.payment_failed", { ...invoice, id: "in_2", amount_due: 999 }));

	await acme.arrived("pager", 1);
	const [unanswered, booked] = await acme.arrived("finance", 2);
	expect(booked?.headers["idempotency-key"]).toBe(unanswered?.headers["idempotency-key"]);
	expect(JSON.parse(booked?.body ?? "")).toEqual({ invoice: "in_1", amount: 4_900 });
	await pass(1_999);
	expect(await acme.bodiesAt("pager")).toHaveLength(1);
	await pass(1);
	const pages = await acme.arrived("pager", 2);
	expect(new Set(pages.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
	expect(JSON.parse(pages[1]?.body ?? "")).toEqual({ title: "Payment of 49 eur failed", customer: "cus_fern" });

	const counters = await acme.told({ events: 2, "runs.succeeded": 1 });
	expect(counters).toMatchObject({ runs: 1, "attempts.transient": 1, "attempts.unknown": 1, "attempts.succeeded": 2 });
	expect(counters.dead_letters).toBeUndefined();
	expect((await acme.event(small))[0]?.data.unmatched).toMatchObject([
		{ reason: "condition", detail: "on.if is false" },
	]);
	const attempts = (await acme.event(failed)).filter(({ kind }) => kind === "attempt.finished");
	expect(attempts.find(({ data }) => data.outcome === "unknown")?.data.reason).toBe("no answer within 1000 ms");
	expect(attempts.find(({ data }) => data.outcome === "transient")?.data.reason).toBe("the target answered 429");
});

test("signup-digest collects signups over all users, acts at once for a big customer, and waits for a person if the board is gone", async () => {
	const acme = await Tenant.create("accounts");
	await acme.connect("growth-board", { config: { base_url: NOBODY } });
	await acme.publish(signupDigest);
	const users = [
		{ id: "u1", name: "Ada", plan: "free", country: "GB" },
		{ id: "u2", name: "Grace", plan: "free", country: "US" },
		{ id: "u3", name: "Linus", plan: "team", country: "FI" },
		{ id: "u4", name: "Fern Hollow Ltd", plan: "enterprise", country: "GB" },
	];
	for (const user of users) await acme.take(await standard("user.created", user));
	await acme.handedOn(4);
	for (const [attempt, longest] of [500, 1_000].entries()) {
		await acme.stepIs("waiting", attempt + 1);
		await pass(longest);
	}
	await acme.stepIs("failed");
	await acme.told({ dead_letters: 1 });
	const [letter] = await acme.letters();
	expect(letter).toMatchObject({
		state: "open",
		class: "exhausted",
		workflow: "signup-digest",
		connection: "growth-board",
	});
	expect(letter?.reason).toMatch(/^the connection failed/);

	await acme.connect("growth-board");
	await acme.must("POST", `/dead-letters/${letter?.id}/retry`);
	const [digest] = await acme.arrived("growth-board", 1);
	expect(JSON.parse(digest?.body ?? "")).toEqual({
		signups: 4,
		by_plan: { free: 2, team: 1, enterprise: 1 },
		countries: [
			{ value: "GB", count: 2 },
			{ value: "FI", count: 1 },
			{ value: "US", count: 1 },
		],
		enterprise: [expect.objectContaining({ "data.data.name": "Fern Hollow Ltd", "data.data.plan": "enterprise" })],
	});
	await acme.told({ "runs.succeeded": 1, "dead_letters.resolved": 1 });
	expect((await acme.runs())[0]).toMatchObject({ status: "succeeded" });
	expect((await acme.letters())[0]).toMatchObject({ state: "resolved" });
	const { story } = await acme.story(letter?.id ?? "");
	expect(kinds(story)).toEqual([
		...["attempt.finished unknown", "attempt.finished unknown", "attempt.finished unknown", "dead_letter.opened"],
		...["dead_letter.retried", "attempt.finished succeeded", "dead_letter.resolved"],
	]);
});
