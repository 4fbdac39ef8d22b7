// Where events of several kinds come together: branches with their triggers and keys, each of which can come.

import { StepId } from "../../model/name";
import type { JoinPlan } from "../../model/plan";
import { Branch, Join } from "../../model/timing";
import type { Path } from "../expression/path";
import type { Program } from "../expression/program";
import { matchesGlob } from "../glob";
import { unknownBranch } from "./check-reads";
import { type CompiledTrigger, compileAt } from "./compile";
import { compileNeed } from "./compile-need";
import { compileTriggers } from "./compile-triggers";
import { readable } from "./readable";
import { type Report, reportIssues } from "./schema-issues";

const BASE = ["timing", "join"];
const BRANCHES_MAX = 20;

export interface CompiledJoin {
	timing: JoinPlan;
	triggers: CompiledTrigger[];
}

/** The workflow's key: whether its author wrote one, and what it compiled to. */
export interface JoinKey {
	key: Program | undefined;
	isOwnKey: boolean;
}

export function compileJoin(value: unknown, key: JoinKey, report: Report): CompiledJoin | undefined {
	const parsed = Join.safeParse(value);
	const issues = (parsed.error?.issues ?? []).filter(
		({ path: [first, , part] }) => first !== "need" && !(first === "branches" && part === "on"),
	);
	reportIssues({ schema: Join, value, base: BASE }, issues, report);
	const branches = readBranches(Reflect.get(Object(value), "branches"));
	if (branches === undefined) return undefined;
	const triggers = compileBranches(branches, key, report);
	const { veto = [] } = readable(Join.pick({ veto: true }), { veto: Reflect.get(Object(value), "veto") });
	const roles = rolesOf(branches, veto, report);
	const isSound = checkBranches(branches, roles, report);
	const { need: written = "all" }: { need?: unknown } = Object(value);
	const need = isSound ? compileNeed(written, roles, report) : undefined;
	if (!parsed.success || need === undefined) return undefined;
	const { by, on_short, late } = parsed.data;
	return { timing: { kind: "join", branches: roles, need, by, on_short, late }, triggers };
}

/** Undefined where they are not known. */
export function branchNamesOf(timing: unknown): string[] | undefined {
	const branches = readBranches(Reflect.get(Object(Reflect.get(Object(timing), "join")), "branches"));
	return branches === undefined ? undefined : Object.keys(branches);
}

function readBranches(value: unknown): Record<string, unknown> | undefined {
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
	return isObject ? Object.fromEntries(Object.entries(value).slice(0, BRANCHES_MAX + 1)) : undefined;
}

function compileBranches(branches: Record<string, unknown>, key: JoinKey, report: Report): CompiledTrigger[] {
	const hasKey = (branch: unknown) => Reflect.get(Object(branch), "key") !== undefined;
	const without = Object.keys(branches).filter((name) => !hasKey(branches[name]));
	const message = "is missing: branches come together by a common key";
	if (!key.isOwnKey && without.length === Object.keys(branches).length && without.length > 0)
		report(["key"], `${message}; write one for all, like key: event.data.order, or one for each branch`);
	else if (!key.isOwnKey)
		for (const name of without)
			report([...BASE, "branches", name, "key"], `${message}; write one here, or one for all as the workflow's key`);
	const compiled = Object.entries(branches).map(
		([name, branch]) => [name, compileBranch(name, branch, key, report)] as const,
	);
	compiled.forEach(([name, own], i) => {
		const earlier = compiled.slice(0, i);
		const taking = own.map((trigger) => earlier.find(([, others]) => others.some((other) => takesAll(other, trigger))));
		const names = new Set(taking.map((branch) => branch?.[0]));
		if (own.length > 0 && !names.has(undefined))
			report(
				[...BASE, "branches", name, "on"],
				`never comes: an event completes the first branch that wants it, and all of these complete ${[...names].join(" or ")}`,
			);
	});
	return compiled.flatMap(([, triggers]) => triggers);
}

/** Whether every event that the second trigger wants is wanted by the first. */
function takesAll(first: CompiledTrigger, second: CompiledTrigger): boolean {
	const wanted = first.condition?.source.expression;
	return (
		first.source !== "" &&
		first.source === second.source &&
		matchesGlob(first.event, second.event.join("*")) &&
		(wanted === undefined || wanted === second.condition?.source.expression) &&
		(first.actors === undefined || (second.actors?.every((actor) => first.actors?.includes(actor)) ?? false))
	);
}

function compileBranch(name: string, branch: unknown, { key }: JoinKey, report: Report): CompiledTrigger[] {
	const base: Path = [...BASE, "branches", name];
	if (typeof branch !== "object" || branch === null || Array.isArray(branch)) return [];
	const on: unknown = Reflect.get(branch, "on");
	const isMissing = on === undefined || (Array.isArray(on) && on.length === 0);
	if (isMissing)
		report([...base, "on"], "is missing: the events that complete it, like on: { source: crm, event: deal.signed }");
	const triggers = isMissing ? [] : compileTriggers(on, [...base, "on"], report);
	const { key: own } = readable(Branch.pick({ key: true }), { key: Reflect.get(branch, "key") });
	const compiled = own === undefined ? key : compileAt(own, [...base, "key"], report);
	return compiled === undefined
		? triggers
		: triggers.map((trigger) => ({ ...trigger, branch: { name, key: compiled } }));
}

function rolesOf(branches: Record<string, unknown>, veto: readonly string[], report: Report): JoinPlan["branches"] {
	const names = Object.keys(branches);
	veto.forEach((name, i) => {
		if (names.length > 0 && !names.includes(name)) report([...BASE, "veto", i], unknownBranch(name, names));
	});
	const role = (name: string, branch: unknown) => {
		if (veto.includes(name)) return "veto";
		return Reflect.get(Object(branch), "optional") === true ? "optional" : "required";
	};
	return Object.fromEntries(Object.entries(branches).map(([name, branch]) => [name, role(name, branch)] as const));
}

/** False if nothing can be said of how many are needed. */
function checkBranches(branches: Record<string, unknown>, roles: JoinPlan["branches"], report: Report): boolean {
	const names = Object.keys(branches);
	const base = [...BASE, "branches"];
	if (names.length > BRANCHES_MAX) report(base, `must be at most ${BRANCHES_MAX}`);
	else if (names.filter((name) => roles[name] !== "veto").length < 2)
		report(base, "must be at least two besides those that veto; for one kind of event no join is needed");
	else return names.every((name) => StepId.safeParse(name).success);
	return false;
}
