// What the morning came to, read back from the admin API: what came in, what was held back and why, what went out, and
// what waits for a person.

import type { Api } from "../support/api.ts";
import type { Arrived } from "../support/receiver.ts";
import { describeArrived } from "./world.ts";

interface Entry {
	at: number;
	kind: string;
	event?: string;
	run?: string;
	data: Record<string, unknown>;
}
interface Verdict {
	workflow: string;
	verdict: string;
	run: string;
}
interface NonMatch {
	workflow: string;
	reason: string;
	detail: string;
}
interface Letter {
	id: string;
	state: string;
	class: string;
	reason: string;
	workflow: string;
	step: string;
	connection: string;
	trace_id: string;
}

export interface Findings {
	events: Entry[];
	letters: Letter[];
	counters: Record<string, number>;
}

export async function findings(api: Api, tenant: string): Promise<Findings> {
	const events = (await api.get(`/tenants/${tenant}/events?limit=100`)) as { items: Entry[] };
	const letters = (await api.get(`/tenants/${tenant}/dead-letters?limit=100`)) as { items: Letter[] };
	const metrics = (await api.get(`/tenants/${tenant}/metrics`)) as { counters: Record<string, number> };
	return { events: events.items.sort((a, b) => a.at - b.at), letters: letters.items, counters: metrics.counters };
}

export function report(found: Findings, { arrived, refused }: { arrived: Arrived[]; refused: string[] }): string {
	const { events, letters, counters } = found;
	return [
		heading("What came in, and what became of it"),
		...events.map(describeEvent),
		`  and ${counters.duplicates ?? 0} deliveries that had been here before: noted, not acted on`,
		...refused.map((delivery) => `  and one that was refused at the door: ${delivery}`),
		heading("What went out"),
		...arrived.map((request) => `  ${describeArrived(request)}`),
		heading("What waits for a person"),
		...letters.map(
			({ workflow, step, connection, class: kind, reason }) =>
				`  ${workflow}/${step} to ${connection}: ${kind}: ${reason}`,
		),
		"",
	].join("\n");
}

/** Commands that work as long as the service is up. */
export function whereToLook(
	{ letters }: Findings,
	arrived: Arrived[],
	{ url, tenant, tokenFile }: { url: string; tenant: string; tokenFile: string },
): string {
	const curl = (path: string, more = "") =>
		`curl -s ${more}-H "authorization: Bearer $(cat ${tokenFile})" ${url}/admin/v1/tenants/${tenant}${path}`;
	const settled = arrived.find(({ path }) => path.includes("/slack/"));
	const trace = (settled?.headers.traceparent ?? "").split("-")[1] ?? "";
	const letter = letters[0];
	return [
		"Look for yourself",
		"  What happened to the edits, from the first to the message in Slack:",
		`    ${curl(`/traces/${trace}`)}`,
		"  Everything that came in:",
		`    ${curl("/events")}`,
		...(letter === undefined
			? []
			: [
					"  The dead letter, with every attempt; and once its target is back, send it again:",
					`    ${curl(`/dead-letters/${letter.id}`)}`,
					`    ${curl(`/dead-letters/${letter.id}/retry`, "-X POST ")}`,
				]),
		"",
	].join("\n");
}

/** What a verdict means to somebody who reads of it for the first time. */
const FATES: Record<string, string> = {
	started: "started",
	debounced: "held back, until it is quiet, by",
	collapsed: "counted, not acted on, by",
	aggregated: "collected by",
	handed_on: "collected with others by",
	failed: "failed in",
};

function describeEvent({ data }: Entry): string {
	const verdicts = (data.verdicts as Verdict[] | undefined) ?? [];
	const unmatched = (data.unmatched as NonMatch[] | undefined) ?? [];
	const fates = [
		...verdicts.map(({ workflow, verdict }) => `${FATES[verdict] ?? verdict} ${workflow}`),
		...unmatched.map(({ workflow, detail }) => `not for ${workflow}: ${detail}`),
	];
	return `  ${String(data.source).padEnd(9)} ${String(data.event_type).padEnd(24)} ${fates.join("; ") || "nobody listens"}`;
}

function heading(text: string): string {
	return `\n${text}`;
}
