// Whether what a document refers to exists in the tenant and fits. Each problem says where it stands in the document,
// and what would mend it.

import type { CompiledWorkflow } from "../core/document";
import type { Referable } from "../registry/uses";
import type { ProblemDetail } from "./problem";

const MAX_NAMED = 5;

export function checkReferences(
	workflow: Pick<CompiledWorkflow, "triggers" | "steps">,
	{ tenant, referable }: { tenant: string; referable: Referable },
): ProblemDetail[] {
	const triggers = workflow.triggers.flatMap(({ source, path }) => {
		if (referable.sources.has(source)) return [];
		const create = `create it with PUT /admin/v1/tenants/${tenant}/sources/${source}`;
		const message = `there is no source ${source}; ${create}${orOneOf([...referable.sources.keys()])}`;
		return [{ path: `${path}.source`, message }];
	});
	const steps = workflow.steps.flatMap(({ path, plan }) => {
		const { undo } = plan;
		// A connection that the undo only has from its step is missing there, and once is enough.
		const isTold = undo?.connection === plan.connection && !referable.connections.has(plan.connection ?? "");
		const uses = [
			{ ...plan, path: `${path}.connection` },
			...(undo === undefined || undo.natural || isTold ? [] : [{ ...undo, path: `${path}.undo.connection` }]),
		];
		return uses.flatMap(({ use, connection, path }) => {
			const message = connection === null ? null : connectionProblem({ use, connection }, tenant, referable);
			return message === null ? [] : [{ path, message }];
		});
	});
	return [...triggers, ...steps, ...workflow.steps.flatMap((step) => approvalProblems(step, tenant, referable))];
}

/** Names that stand there as they are; what expressions will name is known only when people are asked. */
function approvalProblems(
	{ path, plan }: CompiledWorkflow["steps"][number],
	tenant: string,
	{ approvers }: Referable,
): ProblemDetail[] {
	if (plan.use !== "approve") return [];
	const { of, need = 1 } = plan.input ?? {};
	if (!Array.isArray(of) || of.some((name) => typeof name !== "string" || name.includes("${{"))) return [];
	const teams = [...new Set([...approvers.values()].flat())];
	const missing = of.flatMap((name, i) => {
		if (typeof name !== "string" || approvers.has(name) || teams.includes(name)) return [];
		const create = `create it with PUT /admin/v1/tenants/${tenant}/approvers/${name}, or make somebody a member of a team ${name}`;
		const message = `there is no approver or team ${name}; ${create}${orOneOf([...approvers.keys(), ...teams])}`;
		return [{ path: `${path}.with.of[${i}]`, message }];
	});
	if (missing.length > 0 || typeof need !== "number") return missing;
	const people = [...approvers].filter(([name, own]) => of.includes(name) || own.some((team) => of.includes(team)));
	if (people.length >= need) return [];
	const message = `asks for ${need} approvals, and of names ${people.length} people: ${people.map(([name]) => name).join(", ")}`;
	return [{ path: `${path}.with.need`, message }];
}

/** Names of what the workflow cannot do without. */
export function referencesOf({ triggers, steps }: Pick<CompiledWorkflow, "triggers" | "steps">): {
	sources: string[];
	connections: string[];
} {
	const connections = steps.flatMap(({ plan }) => [plan.connection, plan.undo?.connection ?? null]);
	return {
		sources: [...new Set(triggers.map(({ source }) => source))],
		connections: [...new Set(connections.filter((name) => name !== null))],
	};
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
