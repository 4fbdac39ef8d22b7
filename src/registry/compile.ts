// Documents become compiled workflows, once per content and isolate. A document that an older release accepted may no
// longer compile; that is a value with reasons, for the one workflow that it is about.

import { actionNames, findAction } from "../connectors/index";
import { type Catalogue, type CompiledWorkflow, checkDocument, type DocumentProblem } from "../core/document";
import type { Json } from "../model/json";
import type { Result } from "../model/result";
import { Lru } from "./lru";

const MAX_COMPILED = 2_000;

const compiled = new Lru<Result<CompiledWorkflow, DocumentProblem[]>>(MAX_COMPILED);

export const catalogue: Catalogue = { action: findAction, actions: actionNames };

/** `hash` is the content hash of the document. */
export function compileDocument(hash: string, document: Json): Result<CompiledWorkflow, DocumentProblem[]> {
	const known = compiled.get(hash);
	if (known !== undefined) return known;
	const result = checkDocument(document, catalogue);
	compiled.set(hash, result);
	return result;
}

/** One line for logs: the first problem of a document, and how many more there are. */
export function summarizeProblems(problems: DocumentProblem[]): string {
	const [first] = problems;
	if (first === undefined) return "it has no problem";
	const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
	return `${first.path === "" ? "" : `${first.path}: `}${first.message}${more}`;
}
