// Every example payload that GitHub's own collection holds becomes an event, and an event that can be stored.

import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type { NormalizedEvent } from "../../../src/connectors/connector";
import { CanonicalEvent } from "../../../src/model/event";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, NOW } from "../deliveries";

interface Example {
	name: string;
	payload: JsonObject;
}

const collection: { name: string; examples: JsonObject[] }[] = createRequire(import.meta.url)(
	"@octokit/webhooks-examples",
);
const examples: Example[] = collection.flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));

function eventIn({ name, payload }: Example): NormalizedEvent {
	const headers = { "x-github-event": name, "x-github-delivery": `d-${name}` };
	return eventOf("github", deliveryOf(JSON.stringify(payload), headers));
}

test("there are as many as there were", () => {
	expect(collection.length).toBe(58);
	expect(examples.length).toBe(329);
});

test("each becomes an event without loss", () => {
	for (const example of examples) {
		const event = eventIn(example);
		const { action } = example.payload;
		expect(event.data).toEqual(example.payload);
		expect(event.delivery_key).toBe(`d-${example.name}`);
		expect(event.native_type).toBe(action === undefined ? example.name : `${example.name}.${action}`);
		expect(event.event_type).toMatch(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*$/);
		expect(event.occurred_at ?? NOW).toBeGreaterThan(Date.parse("2017-01-01"));
		expect(event.occurred_at ?? NOW).toBeLessThanOrEqual(NOW);
	}
});

test("each can be stored as a canonical event", () => {
	for (const example of examples) {
		const { delivery_key: _, occurred_at, ...found } = eventIn(example);
		const stored = CanonicalEvent.safeParse({
			...found,
			id: `evt_${"0".repeat(32)}`,
			tenant_id: "acme",
			source: "github",
			source_system: "github",
			entity_id: `github/${found.entity.type}/${found.entity.id}`,
			timestamp: new Date(occurred_at ?? NOW).toISOString(),
			received_at: new Date(NOW).toISOString(),
			trust: "signed_untimed",
			trace: { trace_id: "0".repeat(32), hops: 0, path: [] },
			schema_version: 1,
		});
		expect(stored.error).toBeUndefined();
	}
});

/** Events whose noun, or what they are about, is called otherwise than they are. */
const OTHERWISE: Record<string, string> = {
	commit_comment: "commit_comment about commit",
	create: "ref about repository",
	delete: "ref about repository",
	deployment_review: "deployment_review about workflow_run",
	deployment_status: "deployment_status about deployment",
	discussion_comment: "discussion_comment about discussion",
	fork: "fork about repository",
	github_app_authorization: "github_app_authorization about user",
	gollum: "wiki about repository",
	installation_repositories: "installation_repository about installation",
	issue_comment: "issue_comment about issue",
	issues: "issue about issue",
	marketplace_purchase: "marketplace_purchase about account",
	member: "member about repository",
	membership: "membership about team",
	meta: "hook about hook",
	org_block: "org_block about organization",
	page_build: "page_build about repository",
	ping: "hook about hook",
	public: "repository about repository",
	pull_request_review: "pull_request_review about pull_request",
	pull_request_review_comment: "pull_request_review_comment about pull_request",
	pull_request_review_thread: "pull_request_review_thread about pull_request",
	push: "push about repository",
	repository_dispatch: "repository_dispatch about repository",
	repository_import: "repository_import about repository",
	star: "star about repository",
	status: "commit_status about commit",
	team_add: "repository about repository",
	watch: "watch about repository",
	workflow_dispatch: "workflow_dispatch about repository",
};

test("each is about the thing that it happened to", () => {
	for (const example of examples) {
		const { event_type, entity } = eventIn(example);
		const line = `${event_type.split(".")[0]} about ${entity.type}`;
		expect(line).toBe(OTHERWISE[example.name] ?? `${example.name} about ${example.name}`);
	}
});

test("numbers that are unique in a repository only are told apart by it", () => {
	const scoped = examples.filter(({ name }) => /^(code_scanning|dependabot)_alert|^status|^commit_comment/.test(name));
	for (const example of scoped) expect(eventIn(example).entity.id).toMatch(/^\d+:[0-9a-f]+$/);
	expect(scoped.length).toBeGreaterThan(10);
});

test("the actors are people, bots, organizations and GitHub itself", () => {
	const kinds: Record<string, number> = {};
	for (const example of examples) {
		const { kind } = eventIn(example).actor;
		kinds[kind] = (kinds[kind] ?? 0) + 1;
	}
	expect(kinds).toEqual({ human: 296, automation: 3, unknown: 22, system: 8 });
});

test("those without a time are those whose payload has none of their own", () => {
	const untimed = examples.filter((example) => eventIn(example).occurred_at === undefined).map(({ name }) => name);
	expect([...new Set(untimed)].sort()).toEqual([
		"code_scanning_alert",
		"github_app_authorization",
		"gollum",
		"installation_repositories",
		"label",
		"marketplace_purchase",
		"member",
		"membership",
		"merge_group",
		"meta",
		"org_block",
		"organization",
		"ping",
		"pull_request_review_thread",
		"repository_dispatch",
		"repository_import",
		"repository_vulnerability_alert",
		"sponsorship",
		"star",
		"team",
		"team_add",
		"watch",
		"workflow_dispatch",
	]);
});
