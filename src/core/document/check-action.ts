// Whether there is such an action, and whether what it is given can be what it wants.

import type { z } from "zod";
import type { JsonObject } from "../../model/json";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";
import { expressionPaths } from "../expression/template";
import { BUILT_IN } from "./built-in";
import type { Catalogue, CatalogueAction } from "./compile";
import { type Issue, type Report, reportIssues, shown } from "./schema-issues";

/** Undefined if there is none, which is then reported. What is no text at all, the schema reports. */
export function findAction(
	use: unknown,
	path: Path,
	{ catalogue, report }: { catalogue: Catalogue; report: Report },
): CatalogueAction | undefined {
	if (typeof use !== "string") return undefined;
	const action = catalogue.action(use);
	if (action === undefined) report([...path, "use"], unknownAction(use, catalogue));
	return action;
}

/** Of a name that is none, `unknownAction` says more than its pattern does. */
export function isAboutUse({ path, code }: Issue): boolean {
	return path.at(-1) === "use" && code === "invalid_format";
}

function unknownAction(use: string, catalogue: Catalogue): string {
	const actions = catalogue.actions();
	const near = nearest(use, [...actions, ...BUILT_IN]);
	if (near !== undefined) return `there is no action ${shown(use)}; did you mean ${near}?`;
	if (!use.includes(".")) return "write an action as connector.action, like slack.post_message, or approve or wait";
	const [connector = ""] = use.split(".");
	const ofConnector = actions.filter((action) => action.startsWith(`${connector}.`));
	if (ofConnector.length > 0) return `there is no action ${shown(use)}; ${connector} has ${ofConnector.join(", ")}`;
	const connectors = [...new Set(actions.map((action) => action.split(".")[0]))];
	return `there is no action ${shown(use)}; connectors with actions: ${connectors.join(", ")}`;
}

/** What expressions will put there is not known yet; everything else is as the action wants it, or wrong already. */
export function checkInput(schema: z.ZodType, input: JsonObject, base: Path, report: Report): void {
	const parsed = schema.safeParse(input);
	if (parsed.success) return;
	const leaves = expressionPaths(input);
	const issues = parsed.error.issues.filter((issue) => !isAboutLeaf(issue, [], leaves));
	reportIssues({ schema, value: input, base }, issues, report);
}

/** True of an issue at an expression or below it, and of a choice of which one option has no other issues. */
function isAboutLeaf(issue: Issue, above: Path, leaves: readonly Path[]): boolean {
	const at = [...above, ...issue.path];
	if (leaves.some((leaf) => leaf.every((key, i) => key === at[i]))) return true;
	if (issue.code !== "invalid_union") return false;
	return issue.errors.some((option) => option.length > 0 && option.every((inner) => isAboutLeaf(inner, at, leaves)));
}
