// What is sent to Linear, as the types of its own client want it, and what it answers.

import type { LinearDocument } from "@linear/sdk";

/** Of the key of the tests' mark. */
export const ISSUE_ID = "961fdbc3-a5aa-4730-9e9c-ad8460025851";
export const COMMENT_ID = "363a1e43-0afc-4dd5-b41b-cd915eb5ba5f";

export const createIssue = {
	input: {
		id: ISSUE_ID,
		teamId: "t1",
		title: "Paid ✓",
		description: "Order 7",
		stateId: "s1",
		priority: 2,
		assigneeId: "u1",
		labelIds: ["l1"],
		projectId: "p1",
		parentId: "i0",
		dueDate: "2026-11-20",
	},
} satisfies LinearDocument.CreateIssueMutationVariables;

export const findIssue = { filter: { id: { eq: ISSUE_ID } } } satisfies LinearDocument.IssuesQueryVariables;

export const updateIssue = {
	id: "ENG-7",
	input: {
		title: "Paid ✓",
		stateId: "s2",
		assigneeId: null,
		addedLabelIds: ["l1"],
		removedLabelIds: ["l2"],
		dueDate: null,
	},
} satisfies LinearDocument.UpdateIssueMutationVariables;

export const archiveIssue = { id: ISSUE_ID } satisfies LinearDocument.ArchiveIssueMutationVariables;

export const readIssue = { id: "ENG-7" } satisfies LinearDocument.IssueQueryVariables;

export const createComment = {
	input: { id: COMMENT_ID, issueId: "ENG-7", body: "Paid ✓", parentId: "c0" },
} satisfies LinearDocument.CreateCommentMutationVariables;

export const findComment = { filter: { id: { eq: COMMENT_ID } } } satisfies LinearDocument.CommentsQueryVariables;

export const deleteComment = { id: COMMENT_ID } satisfies LinearDocument.DeleteCommentMutationVariables;

type Part<Of, Keys extends keyof Of> = Pick<Of, Keys>;

export const issue = {
	id: ISSUE_ID,
	identifier: "ENG-7",
	url: "https://linear.app/acme/issue/ENG-7/paid",
	state: { id: "s1", name: "Todo", type: "unstarted" },
	title: "Paid ✓",
	description: "Order 7",
	priority: 2,
	labelIds: ["l1"],
	dueDate: "2026-11-20",
	archivedAt: null,
	updatedAt: "2026-11-20T09:59:57.084Z",
	team: { id: "t1" },
	assignee: { id: "u1" },
	project: { id: "p1" },
} satisfies Part<
	LinearDocument.Issue,
	"id" | "identifier" | "url" | "title" | "description" | "priority" | "labelIds"
> & {
	state: Part<LinearDocument.WorkflowState, "id" | "name" | "type">;
	team: Part<LinearDocument.Team, "id">;
	assignee: Part<LinearDocument.User, "id">;
	project: Part<LinearDocument.Project, "id">;
	dueDate: string;
	archivedAt: string | null;
	updatedAt: string;
};

export const comment = {
	id: COMMENT_ID,
	url: "https://linear.app/acme/issue/ENG-7/paid#comment-c1",
} satisfies Part<LinearDocument.Comment, "id" | "url">;
