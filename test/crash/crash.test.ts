// kill -9 of the real development server, its whole process tree, under load, again and again. Whatever was answered
// with 200 must reach the receiver; nothing may start a workflow twice.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sign } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, apiOf } from "../../scripts/support/api.ts";
import {
	type DevServer,
	freePort,
	migrateLocally,
	newSecrets,
	startDevServer,
} from "../../scripts/support/dev-server.ts";
import { type Receiver, startReceiver } from "../../scripts/support/receiver.ts";

const CRASHES = 5;
const SENDERS = 8;
const ISSUES = 12;
const LOAD_MS = 2_500;
const SETTLE_MS = 90_000;
const SECRET = "crash-test-webhook-secret";

const IMMEDIATE = `
name: forward
owner: tests
on: { source: github, event: issue.pinned }
steps:
  - { id: tell, use: http.request, connection: out, timeout: 5s, with: { path: /forward, body: { event: "\${{ event.id }}" } } }
`;
/** Three steps, of which the last reads what the second answered. */
const CHAINED = `
name: chain
owner: tests
on: { source: github, event: issue.pinned }
steps:
  - { id: first, use: http.request, connection: out, timeout: 5s, with: { path: /first, body: { event: "\${{ event.id }}" } } }
  - { id: read, use: http.get, connection: out, needs: [first], timeout: 5s, with: { path: "/read/\${{ event.id }}" } }
  - { id: last, use: http.request, connection: out, timeout: 5s, with: { path: /last, body: { event: "\${{ event.id }}", read: "\${{ steps.read.output.status }}" } } }
`;
const DEBOUNCED = `
name: settle
owner: tests
on: { source: github, event: issue.updated }
timing: { debounce: { quiet: 400ms, max_wait: 2s } }
steps:
  - { id: tell, use: http.request, connection: out, timeout: 5s, with: { path: /settle, body: { events: "\${{ window.event_ids }}" } } }
`;

const folder = mkdtempSync(join(tmpdir(), "signalbox-crash-"));
const secrets = newSecrets();
let port = 0;
let receiver: Receiver;
let server: DevServer;
let api: Api;

beforeAll(async () => {
	receiver = await startReceiver(() => ({ status: 200 }));
	port = await freePort();
	await migrateLocally(folder);
	server = await startDevServer({ port, folder, secrets });
	api = apiOf(server.url, secrets.rootToken);
	await api.put("/tenants/acme", {});
	await api.put("/tenants/acme/sources/github", { connector: "github", secrets: [SECRET] });
	await api.put("/tenants/acme/connections/out", {
		connector: "http",
		owner: "tests",
		config: { base_url: receiver.url },
		credentials: {},
	});
	await api.post("/tenants/acme/workflows", IMMEDIATE, "application/yaml");
	await api.post("/tenants/acme/workflows", DEBOUNCED, "application/yaml");
	await api.post("/tenants/acme/workflows", CHAINED, "application/yaml");
}, 60_000);

afterAll(async () => {
	await server?.kill();
	await receiver?.close();
	rmSync(folder, { recursive: true, force: true });
});

interface Sent {
	delivery: string;
	action: "pinned" | "edited";
	event: string | null;
}

let deliveries = 0;

/** One delivery, sent as often as it takes to be answered, or given up when the load ends. */
async function deliver(until: number, acknowledged: Sent[]): Promise<void> {
	const n = ++deliveries;
	const action = n % 2 === 0 ? "pinned" : "edited";
	const delivery = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
	const now = new Date().toISOString();
	const issue = { id: 1_000 + (n % ISSUES), number: n, title: `Issue ${n}`, updated_at: now };
	const body = JSON.stringify({
		action,
		issue,
		sender: { id: 7, login: "dana", type: "User" },
		repository: { id: 1, full_name: "a/b" },
	});
	const headers = {
		"content-type": "application/json",
		"x-github-event": "issues",
		"x-github-delivery": delivery,
		"x-hub-signature-256": await sign(SECRET, body),
	};
	while (Date.now() < until) {
		const answer = await fetch(`${server.url}/in/acme/github`, { method: "POST", headers, body }).catch(() => null);
		if (answer === null) continue;
		const text = await answer.text().catch(() => "");
		if (answer.status !== 200 || text === "") continue;
		const { events } = JSON.parse(text) as { events: string[] };
		acknowledged.push({ delivery, action, event: events[0] ?? null });
		// A sender that did not hear the answer sends again: the same delivery must change nothing.
		if (n % 5 === 0)
			await fetch(`${server.url}/in/acme/github`, { method: "POST", headers, body })
				.then((again) => again.text())
				.catch(() => "");
		return;
	}
}

async function load(ms: number, acknowledged: Sent[]): Promise<void> {
	const until = Date.now() + ms;
	await Promise.all(
		Array.from({ length: SENDERS }, async () => {
			while (Date.now() < until) await deliver(until, acknowledged);
		}),
	);
}

function eventsAt(path: string): Set<string> {
	return new Set(
		receiver.arrived
			.filter((request) => request.path === path)
			.map(({ body }) => (JSON.parse(body) as { event: string }).event),
	);
}

/** Every step of a chain came after the one that it needs, whatever was killed in between. */
function expectChainsInOrder(): void {
	const seen = { first: new Set<string>(), read: new Set<string>() };
	for (const { path, body } of receiver.arrived) {
		if (path === "/first") seen.first.add((JSON.parse(body) as { event: string }).event);
		if (path.startsWith("/read/")) {
			const event = path.slice("/read/".length);
			expect(seen.first).toContain(event);
			seen.read.add(event);
		}
		if (path === "/last") expect(seen.read).toContain((JSON.parse(body) as { event: string }).event);
	}
	expect(seen.read.size).toBeGreaterThan(CRASHES * 10);
}

/** The runs in which each event arrived, by event. */
function settledEvents(): Map<string, Set<string>> {
	const runs = new Map<string, Set<string>>();
	for (const { path, body, headers } of receiver.arrived) {
		if (path !== "/settle") continue;
		for (const event of (JSON.parse(body) as { events: string[] }).events) {
			runs.set(event, (runs.get(event) ?? new Set()).add(headers["idempotency-key"] ?? ""));
		}
	}
	return runs;
}

function missing(acknowledged: Sent[]): Sent[] {
	const forwarded = eventsAt("/forward");
	const chained = eventsAt("/last");
	const settled = settledEvents();
	return acknowledged.filter(({ action, event }) =>
		action === "pinned" ? !(forwarded.has(event ?? "") && chained.has(event ?? "")) : !settled.has(event ?? ""),
	);
}

test(
	`${CRASHES} times kill -9 under load: nothing that was answered is lost, nothing starts twice`,
	async () => {
		const acknowledged: Sent[] = [];
		const firstDeliveryMs: number[] = [];
		for (let crash = 0; crash < CRASHES; crash++) {
			const loading = load(LOAD_MS + crash * 137, acknowledged);
			await new Promise((resolve) => setTimeout(resolve, LOAD_MS - 500 + crash * 137));
			await server.kill();
			await loading;
			const before = receiver.arrived.length;
			server = await startDevServer({ port, folder, secrets });
			const ready = Date.now();
			while (receiver.arrived.length === before && Date.now() - ready < 10_000)
				await new Promise((resolve) => setTimeout(resolve, 10));
			firstDeliveryMs.push(Date.now() - ready);
		}
		const deadline = Date.now() + SETTLE_MS;
		while (missing(acknowledged).length > 0 && Date.now() < deadline)
			await new Promise((resolve) => setTimeout(resolve, 250));

		expect(acknowledged.length).toBeGreaterThan(CRASHES * 20);
		expect(missing(acknowledged)).toEqual([]);
		const twice = [...settledEvents()].filter(([, runs]) => runs.size > 1);
		expect(twice).toEqual([]);
		expectChainsInOrder();
		expect(Math.max(...firstDeliveryMs)).toBeLessThan(5_000);
		await expectRunsOnce();
		console.log(
			`${acknowledged.length} deliveries answered with 200 over ${CRASHES} crashes; ${receiver.arrived.length} requests received; first delivery after a restart: ${firstDeliveryMs.join(", ")} ms`,
		);
	},
	SETTLE_MS + CRASHES * 30_000,
);

/** In the journal every run started once, however often its event came. */
async function expectRunsOnce(): Promise<void> {
	const started: string[] = [];
	let cursor: string | null = null;
	do {
		const page = (await api.get(
			`/tenants/acme/runs?limit=100${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
		)) as {
			items: { id: string }[];
			cursor: string | null;
		};
		started.push(...page.items.map(({ id }) => id));
		cursor = page.cursor;
	} while (cursor !== null);
	expect(started.length).toBeGreaterThan(0);
	expect(new Set(started).size).toBe(started.length);
}
