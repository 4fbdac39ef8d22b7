// What a bulk needs before it can begin: that the input fits, what the other version does, which letters would pass.

import { workOf } from "../core/match";
import type { Env } from "../env";
import type { JsonObject } from "../model/json";
import type { Selected } from "../model/ledger";
import type { DeadLetter, LetterSelection } from "../model/letter";
import type { Work } from "../model/plan";
import type { ReplayOrder } from "../model/replay";
import { err, ok, type Result } from "../model/result";
import { compileDocument, summarizeProblems } from "../registry/compile";
import { findVersion, findWorkflow } from "../registry/workflows";
import { ledgerOf } from "../stubs";
import type { ProblemDetail } from "./problem";
import { checkPatch } from "./replays-check";
import { previewLetters } from "./replays-preview";
import { MOST_PREVIEWED, type ReplayInput } from "./replays-schema";
import { selectionOf } from "./replays-select";

/** A selection with as many steps may have more: they are not all told. */
const MOST_STEPS = 100;

type Parts = Pick<ReplayOrder, "patch" | "works" | "only">;
type Prepared<T> = Promise<Result<T, ProblemDetail[]>>;

export async function prepareReplay(env: Env, tenant: string, input: ReplayInput, now: number): Prepared<Parts> {
	const { patch, version, passing, preview } = input;
	const select = selectionOf(input.select);
	const selected = await ledgerOf(env, tenant).countSelected(select);
	if ((patch !== undefined || version !== undefined) && selected.steps.length >= MOST_STEPS)
		return refuse("select", "holds letters of too many steps; choose one workflow");
	const patched = patch === undefined ? ok(undefined) : await patchFor(env, tenant, selected, patch.with);
	if (!patched.ok) return patched;
	const works = version === undefined ? ok(undefined) : await worksFor(env, tenant, selected, version);
	if (!works.ok) return works;
	if (passing && !preview && selected.count > MOST_PREVIEWED)
		return refuse(
			"passing",
			`can judge at most ${MOST_PREVIEWED} letters, and these are ${selected.count}; choose fewer`,
		);
	const previewing = { env, tenant, now, patch: patch?.with, version };
	const only = passing && !preview ? await passingOf(previewing, select) : undefined;
	return ok({
		...(patched.value === undefined ? {} : { patch: patched.value }),
		...(works.value === undefined ? {} : { works: works.value }),
		...(only === undefined ? {} : { only }),
	});
}

function refuse(path: string, message: string): Result<never, ProblemDetail[]> {
	return err([{ path, message }]);
}

/** One input fits one step, in every version that the letters have. */
async function patchFor(
	env: Env,
	tenant: string,
	{ steps }: Selected,
	tree: JsonObject,
): Prepared<ReplayOrder["patch"]> {
	const places = new Set(steps.map(({ workflow, step }) => `${workflow} ${step}`));
	if (places.size !== 1)
		return refuse("select", `holds letters of ${places.size} steps, and an input fits one; add workflow and step`);
	const paths = new Set<string>();
	for (const place of steps) {
		const checked = await checkPatch(env.DB, tenant, place, tree);
		if (!checked.ok) return err(checked.error.map(({ path, message }) => ({ path: `patch.${path}`, message })));
		for (const path of checked.value) paths.add(path);
	}
	return ok({ with: tree, paths: [...paths] });
}

async function worksFor(
	env: Env,
	tenant: string,
	{ steps }: Selected,
	version: number | "current",
): Prepared<Record<string, Work>> {
	const names = [...new Set(steps.map(({ workflow }) => workflow))];
	if (version !== "current" && names.length > 1)
		return refuse("select.workflow", `is needed: a version is one of a workflow, and these are of ${names.join(", ")}`);
	const works: Record<string, Work> = {};
	for (const name of names) {
		const row =
			version === "current"
				? await findWorkflow(env.DB, tenant, name)
				: await findVersion(env.DB, { tenant, name, version });
		if (row === null)
			return refuse("version", `there is no version ${version} of ${name}; see GET /workflows/${name}/versions`);
		const compiled = compileDocument(row.hash, row.document);
		if (!compiled.ok)
			return refuse(
				"version",
				`this release cannot run version ${row.version} of ${name}: ${summarizeProblems(compiled.error)}`,
			);
		works[name] = workOf(compiled.value, row.version);
	}
	return ok(works);
}

async function passingOf(previewing: Parameters<typeof previewLetters>[0], select: LetterSelection): Promise<string[]> {
	const ledger = ledgerOf(previewing.env, previewing.tenant);
	const letters: DeadLetter[] = [];
	for (let cursor: string | null | undefined; cursor !== null && letters.length < MOST_PREVIEWED; ) {
		const page = await ledger.selected(select, { limit: MOST_PREVIEWED, ...(cursor === undefined ? {} : { cursor }) });
		letters.push(...page.items);
		cursor = page.cursor;
	}
	const previews = await previewLetters(previewing, letters);
	return previews.filter(({ passes }) => passes).map(({ letter }) => letter.id);
}
