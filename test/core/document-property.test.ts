// Whatever becomes of a sound document, it is checked to an end: it compiles to a graph without circles, or its author is
// told why not, each thing once.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type CompiledWorkflow, checkDocument } from "../../src/core/document";
import { cpuMs } from "../support/cpu";
import { approve, catalogue, compiled, get, ofSteps, post, says } from "./document-catalogue";

const own = { use: "http.request", connection: "api", with: { url: "https://a.example/${{ steps.tell.output.ts }}" } };
const telling = {
	compensate: true,
	steps: [says("alarm", "${{ steps.tell.reason }}"), { ...own, with: { url: "https://b.example" } }],
};

const chain = ofSteps(
	get("deal", { output: { name: "body.name", items: "body.items" }, fallback: { name: "", items: [] } }),
	approve({ need: 2, of: ["ada", "bob"] }, { needs: ["deal"] }),
	says("tell", "${{ steps.deal.output.name }} ${{ approvals.legal.ada }}", {
		undo: own,
		if: "steps.deal.status != ''",
	}),
	says("each", "${{ item.id }}", { for_each: "steps.deal.output.items", concurrency: 2, undo: "none" }),
	{ id: "rest", use: "wait", with: { for: "1h" }, needs: { any: ["tell", "each"] } },
	post("last", { needs: { at_least: 2, of: ["legal", "tell", "each"] }, continue_on_error: true }),
);
const joined = {
	...{ name: "fan-in", owner: "revops", key: "event.data.deal", on_failure: telling },
	timing: {
		join: {
			branches: {
				legal: { on: { source: "crm", event: "legal.*", if: "event.data.ok" }, key: "event.data.id" },
				money: { on: [{ source: "erp", event: "money.done" }], optional: true },
				stop: { on: { source: "crm", event: "deal.lost", actors: ["human"] } },
			},
			...{ need: "legal || money", veto: ["stop"], by: "7d", on_short: "escalate", late: "reopen" },
		},
	},
	steps: [says("tell", "${{ branches.legal.arrived }}"), post("note", { needs: ["tell"] })],
};
const debounced = { ...chain, timing: { debounce: { quiet: "1m", max_wait: "5m", skip_unchanged: true } } };
const sound: unknown[] = [chain, { ...chain, on_failure: telling }, joined, debounced];

/** What stands somewhere in sound documents, and what stands in none. */
const part = fc.oneof(
	fc.constantFrom<unknown>(
		...sound.flatMap((document) => placesIn(document).map(([holder, key]) => Reflect.get(holder, key))),
	),
	fc.constantFrom(
		"deal",
		"tell",
		"legal",
		"last",
		"need",
		"any",
		"of",
		"approve",
		"wait",
		"none",
		"item.x",
		"steps",
		"${{ steps }}",
	),
	fc.constantFrom(
		"${{ steps.last.output.ts }}",
		"steps.each.output",
		"legal && money",
		"all",
		"1h",
		"steps.tell.status",
		"",
	),
	fc.constantFrom<unknown>(
		null,
		true,
		0,
		1,
		2.5,
		-1,
		[],
		{},
		{ any: ["last"] },
		{ at_least: 1, of: ["last", "rest"] },
		["last"],
	),
	fc.jsonValue({ maxDepth: 2 }),
);
const change = fc.record({
	place: fc.nat(),
	kind: fc.constantFrom("replace", "remove", "rename", "add"),
	key: fc.constantFrom(
		"needs",
		"undo",
		"for_each",
		"if",
		"output",
		"join",
		"use",
		"of",
		"id",
		"x",
		"__proto__",
		"constructor",
	),
	value: part,
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function placesIn(tree: unknown): [holder: object, key: string][] {
	if (typeof tree !== "object" || tree === null) return [];
	return Object.keys(tree).flatMap((key): [object, string][] => [[tree, key], ...placesIn(Reflect.get(tree, key))]);
}

function mutated(document: unknown, changes: readonly Change[]): unknown {
	const copy: unknown = structuredClone(document);
	for (const { place, kind, key, value } of changes) {
		const places = placesIn(copy);
		const [holder, old] = places[place % Math.max(1, places.length)] ?? [];
		if (holder === undefined || old === undefined) continue;
		const held: unknown = Reflect.get(holder, old);
		if (kind === "remove" || kind === "rename") {
			if (Array.isArray(holder)) holder.splice(Number(old), 1);
			else Reflect.deleteProperty(holder, old);
		}
		const put = { replace: [old, value], remove: undefined, rename: [key, held], add: [key, value] }[kind];
		const [name, what] = put ?? [];
		if (name !== undefined && !(Array.isArray(holder) && kind !== "replace"))
			Object.defineProperty(holder, String(name), {
				...{ value: structuredClone(what), enumerable: true, configurable: true, writable: true },
			});
	}
	return copy;
}

/** Steps that have begun once all that can begin has. */
function begun({ steps }: CompiledWorkflow): Set<string> {
	const done = new Set<string>();
	const ready = ({ needs }: CompiledWorkflow["steps"][number]["plan"]) =>
		needs === undefined || [...needs.all, ...(needs.some?.of ?? [])].every((id) => done.has(id));
	for (let before = -1; before < done.size; ) {
		before = done.size;
		for (const { plan } of steps) if (ready(plan)) done.add(plan.id);
	}
	return done;
}

test("the documents that are changed here are sound", () => {
	for (const document of sound) expect(begun(compiled(document)).size).toBe(compiled(document).steps.length);
});

test("a changed document compiles to a graph without circles, or is told what is wrong, once", () => {
	const documents = fc.tuple(fc.constantFrom(...sound), fc.array(change, { minLength: 1, maxLength: 4 }));
	let passed = 0;
	fc.assert(
		fc.property(documents, ([document, changes]) => {
			const result = checkDocument(mutated(document, changes), catalogue);
			if (result.ok) {
				passed += 1;
				const ids = result.value.steps.map(({ plan }) => plan.id);
				expect(new Set(ids).size).toBe(ids.length);
				expect(begun(result.value).size).toBe(ids.length);
				return;
			}
			const told = result.error.map(({ path, message }) => `${path}: ${message}`);
			expect(told.length).toBeGreaterThan(0);
			expect(new Set(told).size).toBe(told.length);
		}),
		{ numRuns: 1_000 },
	);
	expect(passed).toBeGreaterThan(20);
});

test("a document that is as large as it may be is checked in no time", () => {
	const ids = Array.from({ length: 50 }, (_, i) => `s${i}`);
	const all = ids.map((id) => `\${{ steps.${id}.output.tss }}`).join(" ");
	const veto = Array.from({ length: 15_000 }, () => "x");
	for (const document of [
		...[ids, { any: ids }, Array.from({ length: 15_000 }, () => "s51")].map((needs) =>
			ofSteps(...ids.map((id) => says(id, all.slice(0, 4_000), { needs }))),
		),
		{ ...joined, timing: { join: { ...joined.timing.join, veto } } },
	])
		expect(cpuMs(() => checkDocument(document, catalogue))).toBeLessThan(3_000);
});
