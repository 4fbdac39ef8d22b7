// Looking for what an earlier attempt perhaps left behind: it may have to wait, and nobody else waits with it.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { holdClock } from "../worker/support/clock";
import { storedRuns } from "./support/entities";
import { script, systemAt } from "./support/outside";
import { paid } from "./support/prove";
import { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const MINUTE = 60_000;

async function acting(connector: string, credentials: JsonObject, step: JsonObject): Promise<Tenant> {
	const acme = await Tenant.create("shop");
	const config = { base_url: systemAt(acme.place("out")) };
	await acme.must("PUT", "/connections/out", { connector, owner: "tests", config, credentials });
	const steps = [{ id: "act", connection: "out", ...step }];
	await acme.publish({ name: "w", owner: "tests", on: { source: "shop", event: "order.paid" }, steps });
	return acme;
}

async function linesAt(acme: Tenant): Promise<string[]> {
	return (await acme.arrived("out", 0)).map(({ method, path }) =>
		`${method} ${path.replace(/\?.*/, "")}`.replace(acme.place("out"), ""),
	);
}

async function stepOf(acme: Tenant) {
	const [run] = await storedRuns(acme.name);
	return run?.steps[0];
}

describe("an issue of which nobody knows whether Jira has it", () => {
	const CREATE = { use: "jira.create_issue", with: { project: "OPS", issue_type: "Task", summary: "A" } };
	const jira = () => acting("jira", { email: "bot@example.com", token: "token" }, CREATE);

	test("is looked for until Jira's search has caught up, then made, and pauses nobody meanwhile", async () => {
		const acme = await jira();
		const made = { status: 201, body: { id: "1", key: "OPS-1" } };
		await script(acme.place("out"), { status: 500 }, { status: 200, body: { issues: [], isLast: true } });
		await acme.take(paid("o-1"));
		await acme.idle();
		await pass(MINUTE);
		await acme.idle();
		expect(await linesAt(acme)).toEqual(["POST /rest/api/3/issue", "GET /rest/api/3/search/jql"]);
		const { state } = (await acme.must("GET", "/connections/out")).body;
		expect(state).toMatchObject({ breaker: "closed", paused_until: null, paused_scopes: [] });
		expect(await stepOf(acme)).toMatchObject({ status: "waiting" });

		await script(acme.place("out"), { status: 200, body: { issues: [], isLast: true } }, made);
		await pass(12 * MINUTE);
		await acme.idle();
		expect((await linesAt(acme)).slice(2)).toEqual(["GET /rest/api/3/search/jql", "POST /rest/api/3/issue"]);
		expect(await stepOf(acme)).toMatchObject({ status: "succeeded", output: { key: "OPS-1" } });
	});

	test("ends as unknown where the search never settles it", async () => {
		const acme = await jira();
		const more = { status: 200, body: { issues: [], nextPageToken: "next" } };
		await script(acme.place("out"), { status: 500 }, more);
		await acme.take(paid("o-1"));
		for (let n = 0; n < 8; n++) {
			await acme.idle();
			await pass(60 * MINUTE);
		}
		await acme.idle();
		expect(await stepOf(acme)).toMatchObject({ status: "failed", class: "unknown_outcome" });
		expect((await linesAt(acme)).filter((line) => line.startsWith("POST"))).toHaveLength(1);
	});
});

test("a look that Slack limits pauses its channel and no other", async () => {
	const post = { use: "slack.post_message", with: { channel: "C1", text: "hi" } };
	const acme = await acting("slack", { token: "xoxb-token" }, post);
	await script(
		acme.place("out"),
		{ status: 500 },
		{ status: 429, headers: { "retry-after": "120" }, body: { ok: false, error: "ratelimited" } },
	);
	await acme.take(paid("o-1"));
	await acme.idle();
	await pass(MINUTE);
	await acme.idle();
	const { state } = (await acme.must("GET", "/connections/out")).body;
	expect(state.paused_until).toBeNull();
	expect(state.paused_scopes).toMatchObject([{ scope: "channel C1" }]);
});

test("on_unknown: stop holds where a repetition would be recognised, too", async () => {
	const acme = await Tenant.create("shop");
	await acme.connect("out");
	await script(acme.place("out"), { status: 502 });
	const step = { id: "act", use: "http.request", connection: "out", on_unknown: "stop", with: { path: "/charge" } };
	await acme.publish({ name: "w", owner: "tests", on: { source: "shop", event: "order.paid" }, steps: [step] });
	await acme.take(paid("o-1"));
	await acme.idle();
	await pass(60 * MINUTE);
	await acme.idle();
	expect(await linesAt(acme)).toEqual(["POST /charge"]);
	expect(await stepOf(acme)).toMatchObject({ status: "failed", class: "unknown_outcome" });
});
