// What each GitHub event is about. A table, because the payloads follow no single rule: what is not in it follows the
// defaults below, so an event that GitHub adds tomorrow still has a type, an entity and a time.

/** How one event is read. Paths lead into the payload; see `EVENTS` for what applies where a field is missing. */
export interface EventRow {
	/** The noun of the event type. Default: the event's own name. */
	noun?: string;
	/** The verb of an event without an action. Default: `created`. */
	verb?: string;
	/** What the event is about: type and path of the id. Default: the object named like the event, by its `id`. */
	entity?: readonly [type: string, path: string];
	/** True if the id is unique in a repository only, so that the repository's id goes before it. */
	scoped?: true;
	/** What was changed: `changes` and the time are read against it. Default: the object named like the event. */
	subject?: string;
	/** Where else the time stands; the latest counts. Always: the subject's `updated_at`. */
	at?: readonly string[];
}

const repository = ["repository", "repository.id"] as const;
const pullRequest = ["pull_request", "pull_request.id"] as const;
const deployment = ["deployment", "deployment.id"] as const;
const installation = ["installation", "installation.id"] as const;
const hook = ["hook", "hook_id"] as const;

/**
 * By `X-GitHub-Event`. What happens inside a thing is about that thing, so that it can be windowed with it: comments
 * about their issue, reviews about their pull request, pushes about their repository. A pull request's conversation
 * arrives as `issue_comment` and knows only the issue side of the pull request, so its entity is that issue.
 */
export const EVENTS: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["branch_protection_rule", { entity: ["branch_protection_rule", "rule.id"], subject: "rule" }],
	["check_run", { at: ["check_run.started_at", "check_run.completed_at"] }],
	[
		"code_scanning_alert",
		{ entity: ["code_scanning_alert", "alert.number"], scoped: true, subject: "alert", at: ["alert.fixed_at"] },
	],
	["commit_comment", { entity: ["commit", "comment.commit_id"], scoped: true, subject: "comment" }],
	["create", { noun: "ref", entity: repository, at: ["repository.pushed_at"] }],
	["custom_property_values", { noun: "custom_property_value", entity: repository }],
	["delete", { noun: "ref", verb: "deleted", entity: repository, at: ["repository.pushed_at"] }],
	["dependabot_alert", { entity: ["dependabot_alert", "alert.number"], scoped: true, subject: "alert" }],
	["deploy_key", { entity: ["deploy_key", "key.id"], subject: "key" }],
	["deployment_protection_rule", { entity: deployment, subject: "deployment" }],
	["deployment_review", { entity: ["workflow_run", "workflow_run.id"], at: ["since"] }],
	["deployment_status", { entity: deployment }],
	[
		"discussion_comment",
		{ entity: ["discussion", "discussion.id"], subject: "comment", at: ["discussion.updated_at"] },
	],
	["fork", { entity: repository, at: ["forkee.created_at"] }],
	["github_app_authorization", { entity: ["user", "sender.id"] }],
	["gollum", { noun: "wiki", verb: "updated", entity: repository }],
	["installation_repositories", { noun: "installation_repository", entity: installation }],
	["installation_target", { entity: installation }],
	["issue_comment", { entity: ["issue", "issue.id"], subject: "comment", at: ["issue.updated_at"] }],
	["issue_dependencies", { noun: "issue_dependency", entity: ["issue", "blocked_issue.id"], subject: "blocked_issue" }],
	["issues", { noun: "issue", entity: ["issue", "issue.id"], subject: "issue" }],
	["marketplace_purchase", { entity: ["account", "marketplace_purchase.account.id"] }],
	["member", { entity: repository, subject: "member" }],
	["membership", { entity: ["team", "team.id"] }],
	["merge_group", { entity: ["merge_group", "merge_group.head_sha"], scoped: true }],
	["meta", { noun: "hook", entity: hook }],
	["org_block", { entity: ["organization", "organization.id"] }],
	["page_build", { entity: repository, subject: "build" }],
	["ping", { noun: "hook", verb: "pinged", entity: hook }],
	["public", { noun: "repository", verb: "made_public", entity: repository, subject: "repository" }],
	["pull_request_review", { entity: pullRequest, subject: "review", at: ["review.submitted_at"] }],
	["pull_request_review_comment", { entity: pullRequest, subject: "comment" }],
	["pull_request_review_thread", { entity: pullRequest, subject: "thread", at: ["updated_at"] }],
	["push", { entity: repository, at: ["repository.pushed_at"] }],
	["release", { at: ["release.published_at"] }],
	["repository_vulnerability_alert", { entity: ["repository_vulnerability_alert", "alert.id"], subject: "alert" }],
	["secret_scanning_alert", { entity: ["secret_scanning_alert", "alert.number"], scoped: true, subject: "alert" }],
	[
		"secret_scanning_alert_location",
		{ entity: ["secret_scanning_alert", "alert.number"], scoped: true, subject: "alert" },
	],
	["security_advisory", { entity: ["security_advisory", "security_advisory.ghsa_id"] }],
	["sponsorship", { entity: ["sponsorship", "sponsorship.node_id"] }],
	["star", { entity: repository, at: ["starred_at"] }],
	["status", { noun: "commit_status", entity: ["commit", "sha"], scoped: true, at: ["updated_at"] }],
	["sub_issues", { noun: "sub_issue", entity: ["issue", "parent_issue.id"], subject: "parent_issue" }],
	["team_add", { noun: "repository", verb: "team_added", entity: repository, subject: "team" }],
	["workflow_job", { at: ["workflow_job.started_at", "workflow_job.completed_at"] }],
]);

/** The verbs of canonical event types where GitHub's action is another word for the same; the others stay. */
export const VERBS: ReadonlyMap<string, string> = new Map([
	["opened", "created"],
	["edited", "updated"],
	["create", "created"],
	["dismiss", "dismissed"],
	["resolve", "resolved"],
]);

/** Actions that change one field of the thing, and which. To everybody else that is an update like any other. */
export const FIELDS: ReadonlyMap<string, string> = new Map([
	["assigned", "assignees"],
	["demilestoned", "milestone"],
	["labeled", "labels"],
	["milestoned", "milestone"],
	["typed", "type"],
	["unassigned", "assignees"],
	["unlabeled", "labels"],
	["untyped", "type"],
]);

/** What other trackers have, too. Everything else keeps GitHub's own words. */
export const COMMON: readonly string[] = [
	...["opened", "edited", "closed", "reopened", "deleted", ...FIELDS.keys()].map((action) => `issues.${action}`),
	...["created", "edited", "deleted"].map((action) => `issue_comment.${action}`),
	...["opened", "edited", "closed", "reopened"].map((action) => `pull_request.${action}`),
];

/** Where an event belongs that names no entity of its own, the nearest first. */
export const HOMES: readonly (readonly [type: string, path: string])[] = [
	repository,
	["organization", "organization.id"],
	["enterprise", "enterprise.id"],
	installation,
	hook,
	["user", "sender.id"],
];
