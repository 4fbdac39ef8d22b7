// From a workflow document to a compiled workflow, or to everything that is wrong with it, told at once: what its schema
// says, and what no schema can say.

import { Expression } from "../model/expression";
import { err, ok, type Result } from "../model/result";
import { WorkflowDocument } from "../model/workflow";
import { isAboutUse } from "./document/check-action";
import { FORWARD_KEYS } from "./document/checked-step";
import { type Catalogue, type CompiledTrigger, type CompiledWorkflow, compileAt } from "./document/compile";
import { branchNamesOf } from "./document/compile-join";
import { compileSteps } from "./document/compile-steps";
import { compileTiming, KINDS } from "./document/compile-timing";
import { compileTriggers } from "./document/compile-triggers";
import { type Issue, kindOf, type Report, reportIssues } from "./document/schema-issues";
import { pathText } from "./expression/path";

export type { Catalogue, CompiledStep, CompiledWorkflow } from "./document/compile";

export interface DocumentProblem {
	/** Like `steps[1].with.text`; empty for the document itself. */
	path: string;
	message: string;
}

/** Schemas and templates recurse; nobody writes what is beyond these. */
const DEPTH_MAX = 64;
const NODES_MAX = 20_000;
/** More problems than these help nobody. */
const PROBLEMS_MAX = 200;

/** Never throws, whatever the input: it is what an author sent. */
export function checkDocument(input: unknown, catalogue: Catalogue): Result<CompiledWorkflow, DocumentProblem[]> {
	if (!isObject(input)) return err([{ path: "", message: `a workflow is an object, and this is ${kindOf(input)}` }]);
	const tooLarge = sizeProblem(input);
	if (tooLarge !== undefined) return err([{ path: "", message: tooLarge }]);
	const problems: DocumentProblem[] = [];
	const report: Report = (path, message) => {
		if (problems.length < PROBLEMS_MAX) problems.push({ path: pathText(path), message });
	};
	const parsed = WorkflowDocument.safeParse(input);
	reportIssues({ schema: WorkflowDocument, value: input, base: [] }, schemaIssues(parsed.error?.issues ?? []), report);
	const { on, key: written, timing, steps, on_failure }: Unread = input;
	const misplaced = KINDS.filter((kind) => Object.hasOwn(input, kind));
	for (const kind of misplaced) report([], `unknown key ${kind}; it belongs under timing: timing: { ${kind}: { … } }`);
	const kinds = KINDS.filter((kind) => Object.hasOwn(Object(timing), kind));
	const mayJoin = kinds.includes("join") || misplaced.includes("join") || (timing !== undefined && kinds.length === 0);
	const own = on === undefined && mayJoin ? [] : ownTriggers(on, kinds, report);
	const key = compileAt(Expression.safeParse(written ?? DEFAULT_KEY).data ?? DEFAULT_KEY, ["key"], report);
	const {
		triggers = own,
		skipUnchanged = false,
		...when
	} = compileTiming(timing, { key, isOwnKey: written !== undefined }, report);
	const branches = branchNamesOf(timing);
	const compiled = compileSteps(steps, on_failure, { catalogue, report, joins: mayJoin, branches, skipUnchanged });
	if (problems.length > 0 || !parsed.success || key === undefined) return err(problems);
	return ok({ document: parsed.data, triggers, key, ...when, ...compiled });
}

function ownTriggers(on: unknown, kinds: readonly string[], report: Report): CompiledTrigger[] {
	if (kinds.join() !== "join") return compileTriggers(on, ["on"], report);
	report(["on"], "is named by the branches of the join; move it to timing.join.branches");
	return [];
}

/** What is told elsewhere, and better: of a choice, a schema can say only that nothing fits. */
function schemaIssues(issues: readonly Issue[]): Issue[] {
	return issues.flatMap((issue): Issue[] => {
		const { path } = issue;
		if (path[0] === "on" || path[0] === "timing") return [];
		const inStep = path[0] === "steps" ? path[2] : path[0] === "on_failure" ? path[3] : undefined;
		if (inStep === "needs" || inStep === "undo" || isAboutUse(issue)) return [];
		if (issue.code !== "unrecognized_keys") return [issue];
		const elsewhere = path.length === 0 ? KINDS : path[0] === "on_failure" && path.length === 3 ? FORWARD_KEYS : [];
		const keys = issue.keys.filter((key) => !elsewhere.includes(key));
		return keys.length === 0 ? [] : [{ ...issue, keys }];
	});
}

/** The parts of a document that are checked one by one. */
type Unread = Partial<Record<"on" | "key" | "timing" | "steps" | "on_failure", unknown>>;

const DEFAULT_KEY = "event.entity_id";

function sizeProblem(input: unknown): string | undefined {
	const waiting: [value: unknown, depth: number][] = [[input, 0]];
	let nodes = 0;
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const [value, depth] = next;
		if (depth > DEPTH_MAX) return `the document is nested more than ${DEPTH_MAX} deep`;
		if (++nodes > NODES_MAX) return `the document has more than ${NODES_MAX} parts`;
		if (isObject(value) || Array.isArray(value))
			for (const child of Object.values(value)) waiting.push([child, depth + 1]);
	}
	return undefined;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
