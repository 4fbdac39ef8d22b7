// GitHub's requests as its own published description types them: the compiler is the judge.

import type { operations } from "@octokit/openapi-types";
import { mark } from "../actions";

type BodyOf<Name extends keyof operations> = operations[Name] extends {
	requestBody?: { content: { "application/json": infer Body } };
}
	? Body
	: never;

const marker = `<!-- signalbox:${mark.idempotency_key} -->`;

export const golden = {
	create_issue: {
		title: "Paid",
		body: `Order 7\n\n${marker}`,
		labels: ["bug"],
		assignees: ["dana"],
	} satisfies BodyOf<"issues/create">,
	close_issue: { state: "closed", state_reason: "not_planned" } satisfies BodyOf<"issues/update">,
	create_comment: { body: `Done.\n\n${marker}` } satisfies BodyOf<"issues/create-comment">,
};
