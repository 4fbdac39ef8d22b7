// What the expressions of a step read of other steps, of the branches of a join, and of approvals: whether it is there.

import { type Path, pathText } from "../expression/path";
import type { Program } from "../expression/program";
import { nearest } from "../expression/suggest";
import type { CheckedStep } from "./checked-step";
import { type Report, shown } from "./schema-issues";

/** What there is to be read. */
export interface Surroundings {
	steps: ReadonlyMap<string, Pick<CheckedStep, "fields" | "isList" | "use">>;
	/** False if there are steps whose ids could not be read: then any name may be one of theirs. */
	isComplete: boolean;
	/** Of a join; undefined where they are not known. */
	branches: readonly string[] | undefined;
}

/** The steps that this one reads before it has ended, each with the place where it does first. */
export function checkReads(
	{ id: own, programs }: Pick<CheckedStep, "id" | "programs">,
	there: Surroundings,
	report: Report,
): ReadonlyMap<string, Path> {
	const found = new Map<string, Path>();
	const told = new Set<string>();
	for (const { path, program, isUndo } of programs) {
		const tell = (message: string | undefined) => {
			const text = `${pathText(path)} ${message}`;
			if (message !== undefined && !told.has(text)) report(path, message);
			told.add(text);
		};
		for (const [id = "", ...rest] of readsOf(program, "steps")) {
			const isOwn = id === own && isUndo !== true;
			tell(isOwn ? "reads its own step, which has not been carried out yet" : stepProblem(id, rest, { own, there }));
			if (!isOwn && isUndo !== true && there.steps.has(id) && !found.has(id)) found.set(id, path);
		}
		for (const [name = "", part] of readsOf(program, "branches")) tell(branchProblem(name, part, there));
		for (const [id = ""] of readsOf(program, "approvals")) tell(approvalProblem(id, { own, there }));
		for (const [name, example] of WHOLES)
			if (program.uses.get(name)?.size === 0)
				tell(`reads ${name} as a whole; name the one that it needs, like ${example}`);
	}
	return found;
}

/** Of these, it must be known which one is read. */
const WHOLES = [
	["steps", "steps.deal.output"],
	["approvals", "approvals.legal"],
] as const;

/** The chains of names and indexes below a variable, without those that others go on from. */
function readsOf({ paths }: Program, variable: string): string[][] {
	const below = [...paths].filter((path) => path.startsWith(`${variable}.`));
	return below
		.filter((path) => !below.some((other) => other.startsWith(`${path}.`) || other.startsWith(`${path}[`)))
		.map((path) => path.match(/[^.[]+|\[(?:"(?:[^"\\]|\\.)*"|[^\]]*)\]/g) ?? [])
		.map(([, ...rest]) => rest);
}

interface Reader {
	own: string;
	there: Surroundings;
}

export function unknownStep(name: string, { own, there: { steps, isComplete } }: Reader): string | undefined {
	if (!isComplete) return undefined;
	const others = [...steps.keys()].filter((id) => id !== own);
	const near = nearest(name, others);
	if (near !== undefined) return `there is no step ${shown(name)}; did you mean ${near}?`;
	return `there is no step ${shown(name)}${others.length === 0 ? ", and no other step at all" : `; available here: ${others.join(", ")}`}`;
}

const PARTS = ["status", "output", "reason", "fell_back"];

function stepProblem(id: string, [part, field]: string[], reader: Reader): string | undefined {
	const read = reader.there.steps.get(id);
	if (read === undefined) return unknownStep(id, reader);
	if (part === undefined || part.startsWith("[")) return undefined;
	const { fields, isList } = read;
	if (!PARTS.includes(part)) {
		const near = nearest(part, PARTS) ?? (fields?.includes(part) ? `output.${part}` : undefined);
		return `steps.${id} has ${PARTS.join(", ")}, and no ${part}${near === undefined ? "" : `; did you mean ${near}?`}`;
	}
	if (part !== "output" || field === undefined) return undefined;
	const name = field.startsWith("[") ? /^\["(.*)"\]$/.exec(field)?.[1] : field;
	if (isList)
		return name === undefined
			? undefined
			: `steps.${id}.output is a list, with one element for each of for_each, like steps.${id}.output[0].${name}`;
	if (fields === undefined || name === undefined || fields.includes(name)) return undefined;
	const near = nearest(name, fields);
	const has = fields.length === 0 ? "nothing" : fields.join(", ");
	return `steps.${id}.output has no ${name}; ${near === undefined ? `it has ${has}` : `did you mean ${near}?`}`;
}

const BRANCH_PARTS = ["arrived", "at", "count", "event"];

function branchProblem(name: string, part: string | undefined, { branches }: Surroundings): string | undefined {
	if (branches === undefined) return undefined;
	if (!branches.includes(name)) return unknownBranch(name, branches);
	if (part === undefined || part.startsWith("[") || BRANCH_PARTS.includes(part)) return undefined;
	const near = nearest(part, BRANCH_PARTS);
	return `branches.${name} has ${BRANCH_PARTS.join(", ")}, and no ${part}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

export function unknownBranch(name: string, branches: readonly string[]): string {
	const near = nearest(name, branches);
	return `there is no branch ${shown(name)}; ${near === undefined ? `available here: ${branches.join(", ")}` : `did you mean ${near}?`}`;
}

function approvalProblem(id: string, reader: Reader): string | undefined {
	const asked = reader.there.steps.get(id);
	if (asked === undefined) return unknownStep(id, reader);
	if (asked.use === undefined || asked.use === "approve") return undefined;
	return `approvals.${id} are the links to vote, and ${id} asks nobody: it is ${asked.use}`;
}
