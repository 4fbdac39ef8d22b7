// What PagerDuty's actions send, as its published description has it.

import type { Judged } from "../examples";

export const ROUTING_KEY = "e93facc04764012d7bfb002500d5d1a6";

export const trigger = {
	routing_key: ROUTING_KEY,
	event_action: "trigger",
	dedup_key: "sb_run_1_tell",
	client: "signalbox",
	client_url: "https://status.example.com/db01",
	payload: {
		summary: "Disk is full ✓",
		source: "db01",
		severity: "critical",
		component: "/var",
		group: "shop",
		class: "disk",
		custom_details: { free: "1 %" },
	},
};

export const least = {
	routing_key: ROUTING_KEY,
	event_action: "trigger",
	dedup_key: "db01/disk",
	client: "signalbox",
	payload: { summary: "Disk is full", source: "db01", severity: "error" },
};

export const acknowledge = { routing_key: ROUTING_KEY, event_action: "acknowledge", dedup_key: "db01/disk" };

export const resolve = { routing_key: ROUTING_KEY, event_action: "resolve", dedup_key: "db01/disk" };

export const note = { note: { content: "Restarted ✓\n\n[signalbox sb_run_1_tell]" } };

function asSchema(api: "REST" | "events-v2", path: string): Judged["spec"] {
	return {
		repository: "PagerDuty/api-schema",
		commit: "91a06fb3c64b0ab2b2bd6c485d12b327dfb55c18",
		path: `reference/${api}/openapiv3.json`,
		pointer: `/paths/${path.replaceAll("/", "~1")}/post/requestBody/content/application~1json/schema`,
	};
}

export const judged: Judged[] = [
	{ name: "pagerduty.trigger", body: trigger, spec: asSchema("events-v2", "/enqueue") },
	{ name: "pagerduty.trigger with the least", body: least, spec: asSchema("events-v2", "/enqueue") },
	{ name: "pagerduty.acknowledge", body: acknowledge, spec: asSchema("events-v2", "/enqueue") },
	{ name: "pagerduty.resolve", body: resolve, spec: asSchema("events-v2", "/enqueue") },
	{ name: "pagerduty.add_note", body: note, spec: asSchema("REST", "/incidents/{id}/notes") },
];
