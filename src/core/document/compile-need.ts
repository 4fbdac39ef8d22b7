// How many branches complete a join: all, so many of them, or a condition that can be met, and not before anything came.

import type { JoinPlan } from "../../model/plan";
import { evaluateCondition, type Program } from "../expression/program";
import { nearest } from "../expression/suggest";
import { compileAt } from "./compile";
import { kindOf, type Report } from "./schema-issues";

const PATH = ["timing", "join", "need"];

/** Undefined if it cannot be, which is then reported. */
export function compileNeed(need: unknown, roles: JoinPlan["branches"], report: Report): JoinPlan["need"] | undefined {
	const required = Object.values(roles).filter((role) => role === "required").length;
	if (need === "all") {
		if (required === 0) report(PATH, "all needs a branch that is neither optional nor a veto");
		return required;
	}
	if (typeof need === "number") return countOf(need, required, report);
	if (typeof need === "string" && need !== "") return conditionOf(need, roles, report);
	const what = need === "" ? "empty" : kindOf(need);
	report(PATH, `must be all, a number of branches, or a condition over their names, and this is ${what}`);
	return undefined;
}

function countOf(need: number, required: number, report: Report): number | undefined {
	if (!Number.isInteger(need)) report(PATH, `must be a whole number of branches, and this is ${kindOf(need)}`);
	else if (need < 1) report(PATH, "must be at least 1: a join waits for something");
	else if (need > required)
		report(PATH, `asks for ${need} branches, and ${required} can count: optional ones and vetoes do not`);
	else return need;
	return undefined;
}

function conditionOf(need: string, roles: JoinPlan["branches"], report: Report): string | undefined {
	const isAll = nearest(need, ["all", ...Object.keys(roles)]) === "all";
	if (isAll) {
		report(PATH, "must be all, a number of branches, or a condition over their names; did you mean all?");
		return undefined;
	}
	const program = compileAt(need, PATH, report, Object.keys(roles));
	return program !== undefined && canBeMet(program, roles, report) ? need : undefined;
}

/** A veto ends the join before its condition is asked, so whenever that is asked, none has come. */
function canBeMet(program: Program, roles: JoinPlan["branches"], report: Report): boolean {
	const having = (came: boolean) => {
		const scope = Object.entries(roles).map(([name, role]) => [name, came && role !== "veto"] as const);
		return evaluateCondition(program, Object.fromEntries(scope));
	};
	const [all, none] = [having(true), having(false)];
	const but = Object.values(roles).includes("veto") ? " that is no veto" : "";
	if (!all.ok) report(PATH, all.error.message);
	else if (!none.ok) report(PATH, none.error.message);
	else if (!all.value)
		report(PATH, `does not hold when every branch${but} has come, so the join could never be complete`);
	else if (none.value) report(PATH, "holds when no branch has come, so the join would wait for nothing");
	else return true;
	return false;
}
