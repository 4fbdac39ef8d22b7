// What an author wrote under `needs`: a list of steps, any of a list, or at least so many of one.

import type { Path } from "../expression/path";
import { kindOf, type Report, unknownKey } from "./schema-issues";

/** Texts that should be ids of steps. */
export interface WrittenNeeds {
	listed: { id: string; path: Path }[];
	/** Undefined where all are needed. */
	atLeast?: number;
}

const NEEDS_MAX = 50;
const KEYS = ["any", "at_least", "of"];

/** Undefined where it cannot be read, which is then reported. */
export function readNeeds(needs: unknown, base: Path, report: Report): WrittenNeeds | undefined {
	if (Array.isArray(needs)) return { listed: readList(needs, base, report) };
	if (typeof needs !== "object" || needs === null) {
		const example = typeof needs === "string" && /^\w{1,63}$/.test(needs) ? needs : "deal";
		report(base, `must be a list of steps, like needs: [${example}], and this is ${kindOf(needs)}`);
		return undefined;
	}
	const said = Object.keys(needs);
	const unknown = said.filter((key) => !KEYS.includes(key));
	for (const key of unknown.slice(0, 10))
		report(base, key === "all" ? "unknown key all; for all of them, write the list alone" : unknownKey(key, KEYS));
	const other = said.find((key) => key === "at_least" || key === "of");
	if ("any" in needs && other !== undefined) {
		report(base, `says any and ${other}; keep one: any is the same as at_least: 1`);
		return undefined;
	}
	if ("any" in needs) return { listed: readMembers(needs.any, [...base, "any"], report), atLeast: 1 };
	if (unknown.length > 0) return undefined;
	if (other !== undefined) return readAtLeast(needs, base, report);
	report(base, "says nothing; write a list of steps, any, or at_least and of");
	return undefined;
}

function readAtLeast(needs: object, base: Path, report: Report): WrittenNeeds | undefined {
	const { at_least, of }: { at_least?: unknown; of?: unknown } = needs;
	const place = [...base, "at_least"];
	const isCount = typeof at_least === "number" && Number.isInteger(at_least);
	if (at_least === undefined) report(place, "is missing: how many of them, like at_least: 2");
	else if (!isCount) report(place, `must be a whole number, and this is ${kindOf(at_least)}`);
	else if (at_least < 1) report(place, "must be at least 1");
	if (of === undefined) {
		report([...base, "of"], "is missing: the steps of which so many are needed, like of: [a, b, c]");
		return undefined;
	}
	const listed = readMembers(of, [...base, "of"], report);
	if (isCount && Array.isArray(of) && of.length > 0 && at_least > of.length)
		report(place, `asks for ${at_least} of ${of.length} steps, so it could never start`);
	return { listed, atLeast: isCount ? at_least : 1 };
}

function readMembers(value: unknown, base: Path, report: Report): WrittenNeeds["listed"] {
	if (Array.isArray(value)) return readList(value, base, report);
	report(base, `must be a list of steps, and this is ${kindOf(value)}`);
	return [];
}

function readList(list: unknown[], base: Path, report: Report): WrittenNeeds["listed"] {
	if (list.length === 0) report(base, "must not be empty: a step that needs none is written without needs");
	if (list.length > NEEDS_MAX) {
		report(base, `must have at most ${NEEDS_MAX} elements`);
		return [];
	}
	return list.flatMap((id, i) => {
		const path = [...base, i];
		if (typeof id === "string") return [{ id, path }];
		report(path, `must be the id of a step, and this is ${kindOf(id)}`);
		return [];
	});
}
