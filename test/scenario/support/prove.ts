// Proofs that every key of a document makes a difference, and what they have in common: a tenant with a few systems, an
// order, and what arrived because of it.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { storedRuns } from "./entities";
import { type Sent, shop } from "./senders";
import { Tenant } from "./tenant";

/** By key. */
export type Proofs = Record<string, () => Promise<void>>;

/** One test for each key of `shape`, and one that none is without its proof. */
export function prove(what: string, shape: object, proofs: Proofs): void {
	describe(what, () => {
		test.each(Object.entries(proofs))("%s", (_, proof) => proof());
		test("and there is no other key", () => expect(Object.keys(proofs).sort()).toEqual(Object.keys(shape).sort()));
	});
}

/** A tenant with a shop and GitHub as sources, the systems `out` and `other`, Slack as `chat`, and these workflows. */
export async function ready(...documents: JsonObject[]): Promise<Tenant> {
	const acme = await Tenant.create("shop", "github");
	for (const system of ["out", "other"]) await acme.connect(system);
	await acme.connect("chat", { connector: "slack" });
	for (const document of documents) await acme.publish(document);
	return acme;
}

export function paid(id: string, data: JsonObject = {}): Sent {
	return shop("order.paid", { id, ...data });
}

/** The bodies that arrived, once they are so many. */
export async function bodies(acme: Tenant, count: number, system = "out"): Promise<JsonObject[]> {
	return (await acme.arrived(system, count)).map(({ body }) => JSON.parse(body));
}

/** What became of the steps of a tenant's only run: how each has ended or stands, and why if it failed. */
export async function ends(acme: Tenant): Promise<Record<string, string>> {
	await acme.idle();
	const [run] = await storedRuns(acme.name);
	const all = (run?.steps ?? []).map(({ id, status, class: failure }) => [id, failure ?? status] as const);
	return Object.fromEntries(all);
}
