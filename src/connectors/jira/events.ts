// What each Jira event is called here and what it is about, by `webhookEvent`. Of the payloads only that of issue events is
// documented, so ids are looked for wherever Jira is known to put them:
// https://developer.atlassian.com/cloud/jira/platform/webhooks/#available-webhook-events

import type { VocabularyRow } from "../connector";

export interface EventRow {
	event_type: string;
	/** The type of what it is about. */
	entity: string;
	/** Paths to that thing's id; the first that holds one counts. */
	ids: readonly string[];
	/** Path of an address that names the issue, where the payload may leave the issue itself out. */
	address?: string;
	/** What else it can be about, where the issue cannot be told: type and path of the id. */
	otherwise?: readonly [type: string, path: string];
	/** True if it need not name a thing of its own: it is then about where it happened. */
	homely?: true;
	/** Paths to who caused it; the first that is there counts. Default: `user`. */
	by?: readonly string[];
}

const BY_USER = ["user"] as const;

const issue = (verb: string): EventRow => ({ event_type: `issue.${verb}`, entity: "issue", ids: ["issue.id"] });

/** Who deletes is nobody that the object names: its author wrote it, and its last editor edited it. */
function authorOf(object: string, verb: string): readonly string[] {
	if (verb === "created") return [...BY_USER, `${object}.author`];
	return verb === "updated" ? [...BY_USER, `${object}.updateAuthor`] : BY_USER;
}

const comment = (verb: string): EventRow => ({
	event_type: `issue_comment.${verb}`,
	entity: "issue",
	ids: ["issue.id"],
	address: "comment.self",
	by: authorOf("comment", verb),
});
const worklog = (verb: string): EventRow => ({
	event_type: `issue_worklog.${verb}`,
	entity: "issue",
	ids: ["issue.id", "worklog.issueId"],
	address: "worklog.self",
	by: authorOf("worklog", verb),
});
const attachment = (verb: string): EventRow => ({
	event_type: `issue_attachment.${verb}`,
	entity: "issue",
	ids: ["issue.id"],
	otherwise: ["issue_attachment", "attachment.id"],
	by: authorOf("attachment", verb),
});
const property = (verb: string): EventRow => ({
	event_type: `issue_property.${verb}`,
	entity: "issue",
	ids: ["issue.id"],
	address: "property.self",
	otherwise: ["issue_property", "property.key"],
});
/** A link is part of the issue that it was made from. */
const link = (verb: string): EventRow => ({
	event_type: `issue_link.${verb}`,
	entity: "issue",
	ids: ["issueLink.sourceIssueId"],
});

const plain = (entity: string, verb: string): EventRow => ({
	event_type: `${entity}.${verb}`,
	entity,
	ids: [`${entity}.id`],
});
const issueType = (verb: string): EventRow => ({
	...plain("issue_type", verb),
	ids: ["issuetype.id", "issueType.id"],
});
/** There `user` is who it is about. */
const user = (verb: string): EventRow => ({ ...plain("user", verb), ids: ["user.accountId"], by: [] });

/** A switch of the whole site, of which a source has one. */
const setting: EventRow = { event_type: "setting.updated", entity: "site", ids: [], homely: true };

export const EVENTS: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["attachment_created", attachment("created")],
	["attachment_deleted", attachment("deleted")],
	["board_configuration_changed", plain("board", "updated")],
	["board_created", plain("board", "created")],
	["board_deleted", plain("board", "deleted")],
	["board_updated", plain("board", "updated")],
	["comment_created", comment("created")],
	["comment_deleted", comment("deleted")],
	["comment_updated", comment("updated")],
	["filter_created", plain("filter", "created")],
	["filter_deleted", plain("filter", "deleted")],
	["filter_updated", plain("filter", "updated")],
	["issue_property_deleted", property("deleted")],
	["issue_property_set", property("updated")],
	["issuelink_created", link("created")],
	["issuelink_deleted", link("deleted")],
	["issuetype_created", issueType("created")],
	["issuetype_deleted", issueType("deleted")],
	["issuetype_updated", issueType("updated")],
	["jira:issue_created", issue("created")],
	["jira:issue_deleted", issue("deleted")],
	["jira:issue_updated", issue("updated")],
	["jira:version_created", plain("version", "created")],
	["jira:version_deleted", plain("version", "deleted")],
	["jira:version_merged", plain("version", "merged")],
	["jira:version_moved", plain("version", "updated")],
	["jira:version_released", plain("version", "released")],
	["jira:version_unreleased", plain("version", "unreleased")],
	["jira:version_updated", plain("version", "updated")],
	["option_attachments_changed", setting],
	["option_issuelinks_changed", setting],
	["option_subtasks_changed", setting],
	["option_timetracking_changed", setting],
	["option_timetracking_provider_changed", setting],
	["option_unassigned_issues_changed", setting],
	["option_voting_changed", setting],
	["option_watching_changed", setting],
	["project_archived", plain("project", "archived")],
	["project_created", plain("project", "created")],
	["project_deleted", plain("project", "deleted")],
	["project_restored_archived", plain("project", "unarchived")],
	["project_restored_deleted", plain("project", "restored")],
	["project_soft_deleted", plain("project", "deleted")],
	["project_updated", plain("project", "updated")],
	["sprint_closed", plain("sprint", "closed")],
	["sprint_created", plain("sprint", "created")],
	["sprint_deleted", plain("sprint", "deleted")],
	["sprint_started", plain("sprint", "started")],
	["sprint_updated", plain("sprint", "updated")],
	["user_created", user("created")],
	["user_deleted", user("deleted")],
	["user_updated", user("updated")],
	["worklog_created", worklog("created")],
	["worklog_deleted", worklog("deleted")],
	["worklog_updated", worklog("updated")],
]);

export const VOCABULARY: readonly VocabularyRow[] = [...EVENTS].map(([native, { event_type, entity }]) => ({
	native,
	event_type,
	entity,
}));

/** An event that Jira has added since: its name ends with what happened, like `plan_created`. */
export function rowOf(native: string): EventRow {
	const known = EVENTS.get(native);
	if (known !== undefined) return known;
	const words = native
		.replace(/^jira:/, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "_")
		.replace(/^_+|_+$/g, "");
	const [, noun = words || "event", verb = "updated"] = /^(.+)_([^_]+)$/.exec(words) ?? [];
	return { event_type: `${noun}.${verb}`, entity: noun, ids: [`${noun}.id`], homely: true };
}
