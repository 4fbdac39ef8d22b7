// What happened, and what an operator can do about it: events, traces, runs, dead letters, counters.

import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { CanonicalEvent } from "../../src/model/event";
import type { Fact } from "../../src/model/fact";
import type { Plan } from "../../src/model/plan";
import { entityOf, ledgerOf } from "../../src/stubs";
import { call, must, tokenFor } from "./admin";

const NOW = 1_700_000_000_000;

let tenant: string;
let base: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	base = `/tenants/${tenant}`;
	await must("PUT", base, { body: {} });
});

function traceOf(n: number): string {
	return n.toString(16).padStart(32, "0");
}

/** An event that came in, as its Entity would tell it. */
function received(n: number, source = "github"): Fact {
	return {
		...{
			id: "received",
			at: NOW + n,
			tenant,
			kind: "event.received",
			trace_id: traceOf(n),
			event: `evt_${traceOf(n)}`,
		},
		...{ entity_key: "e:1", classification: "internal" },
		data: { source, event_type: "issue.opened", entity_id: `github/issue/${n}`, verdicts: [], unmatched: [] },
	};
}

function unreadable(n: number): Fact {
	return {
		...{ id: "unreadable", at: NOW + n, tenant, kind: "delivery.unreadable", trace_id: traceOf(n) },
		classification: "internal",
		data: { id: `dl_${traceOf(n)}`, class: "unreadable", reason: "no entity", source: "github" },
	};
}

async function items(path: string): Promise<{ items: Record<string, unknown>[]; cursor: string | null }> {
	return (await must("GET", `${base}${path}`)).body;
}

describe("events", () => {
	test("are listed newest first, in pages that neither repeat nor skip", async () => {
		await ledgerOf(env, tenant).append(Array.from({ length: 7 }, (_, i) => received(i + 1)));
		const seen: unknown[] = [];
		let cursor: string | null = "";
		while (cursor !== null) {
			const page: Awaited<ReturnType<typeof items>> = await items(`/events?limit=3${cursor && `&cursor=${cursor}`}`);
			seen.push(...page.items.map(({ event }) => event));
			cursor = page.cursor;
		}
		expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `evt_${traceOf(n)}`));
	});

	test("are filtered by source and entity", async () => {
		await ledgerOf(env, tenant).append([received(1), received(2, "stripe"), received(3)]);
		expect((await items("/events?source=stripe")).items.map(({ event }) => event)).toEqual([`evt_${traceOf(2)}`]);
		expect((await items("/events?entity_id=github/issue/3")).items.length).toBe(1);
	});

	test("and traces are told with their facts", async () => {
		await ledgerOf(env, tenant).append([received(1), received(2)]);
		const event = await must("GET", `${base}/events/evt_${traceOf(1)}`);
		expect(event.body).toMatchObject({ id: `evt_${traceOf(1)}`, facts: [{ kind: "event.received", seq: 1 }] });
		const trace = await must("GET", `${base}/traces/${traceOf(2)}`);
		expect(trace.body).toMatchObject({ id: traceOf(2), facts: [{ kind: "event.received", seq: 2 }] });
	});

	test("of one tenant are not another's", async () => {
		await ledgerOf(env, tenant).append([received(1)]);
		await must("PUT", "/tenants/other", { body: {} });
		expect((await must("GET", "/tenants/other/events")).body.items).toEqual([]);
		expect((await call("GET", `/tenants/other/events/evt_${traceOf(1)}`)).status).toBe(404);
	});
});

test("a cursor of one list is refused by another", async () => {
	await ledgerOf(env, tenant).append([received(1), received(2)]);
	const { cursor } = await items("/events?limit=1");
	expect((await call("GET", `${base}/events?cursor=${cursor}`)).status).toBe(200);
	expect((await call("GET", `${base}/runs?cursor=${cursor}`)).status).toBe(400);
	await must("PUT", "/tenants/other", { body: {} });
	expect((await call("GET", `/tenants/other/events?cursor=${cursor}`)).status).toBe(400);
});

test("counters are told", async () => {
	await ledgerOf(env, tenant).append([received(1), received(2)]);
	const { body } = await must("GET", `${base}/metrics`);
	expect(Object.values(body.counters)).toContain(2);
});

describe("a delivery that could not be read", () => {
	beforeEach(() => ledgerOf(env, tenant).append([unreadable(1)]));
	const id = `dl_${traceOf(1)}`;

	test("is a dead letter that cannot be read again where nothing is kept of it", async () => {
		expect((await items("/dead-letters?class=unreadable&state=open")).items).toMatchObject([{ id, state: "open" }]);
		const refused = await call("POST", `${base}/dead-letters/${id}/retry`);
		expect(refused).toMatchObject({ status: 410, body: { detail: expect.stringContaining("Nothing is kept") } });
	});

	test("is discarded with a reason, by somebody, once", async () => {
		const token = await tokenFor(tenant, "operate");
		const body = { reason: "a test of theirs" };
		const discarded = await call("POST", `${base}/dead-letters/${id}/discard`, { token, body });
		expect([discarded.status, discarded.body]).toEqual([202, { id, state: "discarded" }]);
		const told = (await must("GET", `${base}/dead-letters/${id}`)).body;
		expect(told.letter.state).toBe("discarded");
		expect(told.story.at(-1)).toMatchObject({
			kind: "dead_letter.discarded",
			actor: `token:${token.split("_")[1]}`,
			data: body,
		});
		expect((await call("POST", `${base}/dead-letters/${id}/discard`, { body })).status).toBe(409);
	});
});

describe("a run that failed", () => {
	let run: string;
	let letter: string;

	/** An event whose one step needs a connection that does not exist: it fails at once and for good. */
	beforeEach(async () => {
		const trace_id = traceOf(1);
		const event: CanonicalEvent = {
			...{ id: `evt_${trace_id}`, tenant_id: tenant, source: "github", source_system: "github" },
			...{ event_type: "issue.opened", native_type: "issues.opened" },
			...{ entity: { type: "issue", id: "1" }, entity_id: "github/issue/1", actor: { kind: "human" } },
			...{ timestamp: "2026-11-20T10:00:00.000Z", received_at: "2026-11-20T10:00:00.000Z" },
			...{ changes: [], data: {}, trust: "signed_untimed", schema_version: 1 },
			trace: { trace_id, hops: 0, path: [] },
		};
		const plan: Plan = {
			...{ workflow: "tell-ops", version: 1, entity_key: "e:github/issue/1", priority: "urgent" },
			timing: { kind: "immediate" },
			steps: [
				{
					...{
						id: "tell",
						use: "slack.post_message",
						connection: "chat",
						timeout_ms: 1_000,
						repeatable: false,
						on_unknown: "retry",
					},
					...{ attempts: 1, base_ms: 100, cap_ms: 100 },
				},
			],
		};
		await entityOf(env, tenant, plan.entity_key).accept({ event: JSON.stringify(event), plans: [plan], unmatched: [] });
		await expect.poll(openLetters).toHaveLength(1);
		const [opened] = await openLetters();
		run = String(opened?.run);
		letter = String(opened?.id);
	}, 20_000);

	const openLetters = async () => (await items("/dead-letters?state=open")).items;

	test("is told with its status and its facts, and its letter with every attempt", async () => {
		const told = (await must("GET", `${base}/runs/${run}`)).body;
		expect(told).toMatchObject({ id: run, workflow: "tell-ops", status: "failed" });
		expect((await items("/runs?status=failed")).items.map(({ id }) => id)).toEqual([run]);
		expect((await items("/runs?status=succeeded")).items).toEqual([]);
		const { story } = (await must("GET", `${base}/dead-letters/${letter}`)).body;
		expect(story.map(({ kind }: { kind: string }) => kind)).toEqual(
			expect.arrayContaining(["attempt.finished", "dead_letter.opened"]),
		);
	});

	test("is resumed, tells who asked, and fails again for the same reason", async () => {
		const token = await tokenFor(tenant, "operate");
		const retried = await call("POST", `${base}/dead-letters/${letter}/retry`, { token });
		expect([retried.status, retried.body]).toEqual([202, { id: letter, state: "retrying" }]);
		const kinds = async () =>
			(await must("GET", `${base}/runs/${run}`)).body.facts.map(({ kind }: { kind: string }) => kind);
		const finished = async () => (await kinds()).filter((kind: string) => kind === "attempt.finished").length;
		await expect.poll(finished).toBe(2);
		const { facts } = (await must("GET", `${base}/runs/${run}`)).body;
		expect(facts.find(({ kind }: Fact) => kind === "dead_letter.retried").actor).toBe(`token:${token.split("_")[1]}`);
	});

	test("is discarded, is told once, and then waits for nobody", async () => {
		const body = { reason: "the channel is gone" };
		expect((await call("POST", `${base}/dead-letters/${letter}/discard`, { body })).status).toBe(202);
		const again = await call("POST", `${base}/dead-letters/${letter}/discard`, { body: { reason: "again" } });
		expect([202, 409]).toContain(again.status);
		expect([409, 410]).toContain((await call("POST", `${base}/dead-letters/${letter}/retry`)).status);
		await expect.poll(openLetters).toEqual([]);
		await new Promise((resolve) => setTimeout(resolve, 2_500));
		const told = (await must("GET", `${base}/dead-letters/${letter}`)).body;
		expect(told.letter.state).toBe("discarded");
		expect(told.story.filter(({ kind }: Fact) => kind === "dead_letter.discarded").length).toBe(1);
		expect((await call("POST", `${base}/dead-letters/${letter}/discard`, { body })).status).toBe(409);
		expect((await call("POST", `${base}/dead-letters/${letter}/retry`)).status).toBe(409);
	});
});

describe("a letter whose run is no longer kept", () => {
	const id = "dl_gone";
	beforeEach(() =>
		ledgerOf(env, tenant).append([
			{
				...{ id: "dead_letter:w:a:0:opened", at: NOW, tenant, kind: "dead_letter.opened", trace_id: traceOf(9) },
				...{ entity_key: "e:gone", run: `run_${traceOf(9)}.w`, step: "a", workflow: "w", version: 1 },
				...{ classification: "internal", data: { id, class: "exhausted", reason: "tried six times" } },
			},
		]),
	);

	test("cannot be resumed, but can still be discarded", async () => {
		const refused = await call("POST", `${base}/dead-letters/${id}/retry`);
		expect(refused).toMatchObject({ status: 410, body: { detail: expect.stringContaining("Discard the letter") } });
		expect((await call("POST", `${base}/dead-letters/${id}/discard`, { body: { reason: "old" } })).status).toBe(202);
		const { letter, story } = (await must("GET", `${base}/dead-letters/${id}`)).body;
		expect(letter.state).toBe("discarded");
		// As the Entity would have named it: whichever of the two tells it, it is told once.
		expect(story.at(-1).id).toBe("dead_letter:w:a:0:discarded");
		expect((await call("POST", `${base}/dead-letters/${id}/discard`, { body: { reason: "old" } })).status).toBe(409);
	});
});
