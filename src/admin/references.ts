// Whether what a document refers to exists in the tenant and fits. Each problem says where it stands in the document,
// and what would mend it.

import type { WorkflowDocument } from "../model/workflow";
import type { Referable } from "../registry/uses";
import type { ProblemDetail } from "./problem";

const MAX_NAMED = 5;

/** `listed`: the author wrote `on` as a list, so paths into it carry an index. */
export function checkReferences(
	document: WorkflowDocument,
	{ tenant, listed, referable }: { tenant: string; listed: boolean; referable: Referable },
): ProblemDetail[] {
	const triggers = document.on.flatMap(({ source }, index) => {
		if (referable.sources.has(source)) return [];
		const path = listed ? `on[${index}].source` : "on.source";
		const create = `create it with PUT /admin/v1/tenants/${tenant}/sources/${source}`;
		return [{ path, message: `there is no source ${source}; ${create}${orOneOf([...referable.sources.keys()])}` }];
	});
	const steps = document.steps.flatMap((step, index) => {
		const message = connectionProblem(step, tenant, referable);
		return message === null ? [] : [{ path: `steps[${index}].connection`, message }];
	});
	return [...triggers, ...steps];
}

function connectionProblem(
	{ use, connection }: { use: string; connection: string },
	tenant: string,
	{ connections }: Referable,
): string | null {
	const needed = use.slice(0, use.indexOf("."));
	const actual = connections.get(connection);
	if (actual === needed) return null;
	const fitting = [...connections].filter(([, connector]) => connector === needed).map(([name]) => name);
	if (actual === undefined) {
		const create = `create it with PUT /admin/v1/tenants/${tenant}/connections/${connection}`;
		return `there is no connection ${connection}; ${create}${orOneOf(fitting)}`;
	}
	return `${connection} is a connection of ${actual}, and ${use} needs one of ${needed}${orOneOf(fitting)}`;
}

function orOneOf(names: string[]): string {
	if (names.length === 0) return "";
	const more = names.length > MAX_NAMED ? ", …" : "";
	return `, or use ${names.slice(0, MAX_NAMED).join(", ")}${more}`;
}
