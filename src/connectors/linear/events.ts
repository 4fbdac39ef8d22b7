// What each Linear webhook is called and what it is about. A type that is not here follows its own name, so whatever
// Linear adds tomorrow still has a type and an entity: https://linear.app/developers/webhooks

import type { VocabularyRow } from "../connector";
import { snakeCase } from "../inbound/snake-case";

/** What an event may be about: its noun then, the entity's type, and where in the body the entity's id stands. */
type Place = readonly [noun: string, type: string, path: string];

/** The first of the places counts that holds an id. */
interface TypeRow {
	places: readonly Place[];
	/** Verbs by action; without them, those of a change of data. */
	verbs?: ReadonlyMap<string, string>;
}

/** Verbs of canonical event types where Linear has another word for the same; the others stay. */
const CHANGES: ReadonlyMap<string, string> = new Map([
	["create", "created"],
	["update", "updated"],
	["remove", "deleted"],
	["restore", "restored"],
]);

function itself(noun: string): TypeRow {
	return { places: [[noun, noun, "data.id"]] };
}

/** By the body's `type`. What happens inside a thing is about that thing, so that it can be windowed with it. */
const TYPES: ReadonlyMap<string, TypeRow> = new Map<string, TypeRow>([
	[
		"AgentSessionEvent",
		{
			places: [["agent_session", "agent_session", "agentSession.id"]],
			verbs: new Map([
				["created", "created"],
				["prompted", "prompted"],
			]),
		},
	],
	["Attachment", { places: [["attachment", "issue", "data.issueId"]] }],
	[
		"Comment",
		{
			places: [
				["issue_comment", "issue", "data.issueId"],
				["issue_comment", "issue", "data.issue.id"],
				["page_comment", "page", "data.documentContent.document.id"],
				["comment", "project_update", "data.projectUpdateId"],
				["comment", "initiative_update", "data.initiativeUpdateId"],
				["comment", "project", "data.projectId"],
				["comment", "initiative", "data.initiativeId"],
				// Of a document whose comment comes without it.
				["comment", "comment", "data.id"],
			],
		},
	],
	["Customer", itself("customer")],
	["CustomerNeed", itself("customer_need")],
	["Cycle", itself("cycle")],
	["Document", itself("page")],
	["Initiative", itself("initiative")],
	["InitiativeUpdate", { places: [["initiative_update", "initiative", "data.initiativeId"]] }],
	["Issue", itself("issue")],
	["IssueLabel", itself("label")],
	[
		"IssueSLA",
		{
			places: [["issue_sla", "issue", "issueData.id"]],
			verbs: new Map([
				["set", "updated"],
				["highRisk", "at_risk"],
				["breached", "breached"],
			]),
		},
	],
	["OAuthApp", { places: [["app", "workspace", "organizationId"]], verbs: new Map([["revoked", "revoked"]]) }],
	["Project", itself("project")],
	["ProjectUpdate", { places: [["project_update", "project", "data.projectId"]] }],
	[
		"Reaction",
		{
			places: [
				["reaction", "issue", "data.issueId"],
				["reaction", "issue", "data.comment.issueId"],
				["reaction", "project_update", "data.projectUpdateId"],
				["reaction", "initiative_update", "data.initiativeUpdateId"],
			],
		},
	],
	["Release", itself("release")],
	["User", itself("user")],
]);

/** Every place where it may stand what an event of this type is about, the nearest first. */
export function placesOf(type: string): readonly Place[] {
	const noun = snakeCase(type);
	const known = TYPES.get(type)?.places ?? [];
	const own = known[0]?.[0] ?? noun;
	return [
		...known,
		[own, noun, "data.id"],
		[own, "issue", "notification.issueId"],
		[own, "workspace", "organizationId"],
	];
}

export function verbOf(type: string, action: string): string {
	return verbsOf(TYPES.get(type)).get(action) ?? CHANGES.get(action) ?? snakeCase(action);
}

function verbsOf(row: TypeRow | undefined): ReadonlyMap<string, string> {
	return row?.verbs ?? CHANGES;
}

export const VOCABULARY: readonly VocabularyRow[] = [...TYPES].flatMap(([type, row]) =>
	row.places.slice(0, 1).flatMap(([noun, entity]) =>
		[...verbsOf(row)].map(([action, verb]) => ({
			native: `${type}.${action}`,
			event_type: `${noun}.${verb}`,
			entity,
		})),
	),
);
