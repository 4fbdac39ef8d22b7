// Everything that steps which ask people or wait for a time are given makes a difference, and here is which.

import { expect } from "vitest";
import type { JsonObject } from "../../src/model/json";
import { ApproveInput, WaitInput } from "../../src/model/workflow";
import { holdClock } from "../worker/support/clock";
import { cel, step, workflow } from "./support/documents";
import { bodies, ends, paid, prove, ready } from "./support/prove";
import { gitHub } from "./support/senders";
import type { Tenant } from "./support/tenant";
import { pass } from "./support/time";

holdClock();

const HOUR = 3_600_000;
const PEOPLE = ["anna", "ben", "carl"] as const;

/** Three people, of whom Anna and Ben are in finance, and a step that waits for their votes. */
async function asking(input: JsonObject, source: "shop" | "github" = "shop"): Promise<Tenant> {
	const acme = await ready();
	for (const name of PEOPLE) {
		const teams = name === "carl" ? [] : ["finance"];
		await acme.must("PUT", `/approvers/${name}`, { title: name, teams, identities: [`github:${name}`] });
	}
	const steps = [
		{ id: "ask", use: "approve", with: { of: ["anna", "ben"], within: "1h", ...input } },
		step("links", { links: cel("approvals.ask") }, { connection: "other" }),
		step("tell", { approved: cel("steps.ask.output.approved") }),
	];
	await acme.publish(workflow("w", source, {}, { steps }));
	const sender = { id: "anna", login: "anna", type: "User" };
	await acme.take(source === "shop" ? paid("o-1") : await gitHub({ sender }));
	return acme;
}

/** The links that lead people to their votes. */
async function linksOf(acme: Tenant): Promise<Record<string, string>> {
	const [body] = await bodies(acme, 1, "other");
	return body?.links as Record<string, string>;
}

async function vote(acme: Tenant, who: (typeof PEOPLE)[number], said = "approve"): Promise<number> {
	const links = await linksOf(acme);
	return (await acme.open(links[who] ?? "", { vote: said })).status;
}

prove("approve", ApproveInput.shape, {
	of: async () => {
		for (const [of, asked, other] of [
			["carl", "carl", "anna"],
			["finance", "anna", "carl"],
		] as const) {
			const acme = await asking({ of: [of] });
			expect([await vote(acme, other), await vote(acme, asked)]).toEqual([403, 200]);
		}
	},
	need: async () => {
		const acme = await asking({ need: 2 });
		await vote(acme, "anna");
		expect(await ends(acme)).toMatchObject({ ask: "asking" });
		await vote(acme, "ben");
		expect(await bodies(acme, 1)).toEqual([{ approved: true }]);
	},
	within: async () => {
		const acme = await asking({ within: "2h" });
		await linksOf(acme);
		await pass(2 * HOUR - 1);
		expect(await ends(acme)).toMatchObject({ ask: "asking" });
		await pass(1);
		expect(await ends(acme)).toMatchObject({ ask: "timeout", tell: "skipped" });
	},
	on_timeout: async () => {
		const [failing, going] = [await asking({ on_timeout: "fail" }), await asking({ on_timeout: "proceed" })];
		await pass(HOUR);
		expect(await bodies(going, 1)).toEqual([{ approved: false }]);
		expect(await ends(failing)).toMatchObject({ ask: "timeout", tell: "skipped" });
	},
	self_approval: async () => {
		expect(await vote(await asking({ self_approval: false }, "github"), "anna")).toBe(403);
		expect(await vote(await asking({ self_approval: true }, "github"), "anna")).toBe(200);
	},
	ask: async () => {
		const acme = await asking({ ask: `Pay ${cel("event.entity.id")}?` });
		expect((await acme.open((await linksOf(acme)).anna ?? "")).text).toContain("Pay o-1?");
	},
});

/** A workflow that waits, and then tells. */
async function waiting(input: JsonObject): Promise<Tenant> {
	const steps = [{ id: "pause", use: "wait", with: input }, step("tell", { n: 1 }, { needs: ["pause"] })];
	const acme = await ready(workflow("w", "shop", {}, { steps }));
	await acme.take(paid("o-1", { at: new Date(Date.now() + 3 * HOUR).toISOString() }));
	return acme;
}

const [For, Until] = WaitInput.options;

prove(
	"wait",
	{ ...For.shape, ...Until.shape },
	{
		for: async () => {
			const acme = await waiting({ for: "2h" });
			await pass(2 * HOUR - 1);
			expect(await ends(acme)).toEqual({ pause: "sleeping", tell: "pending" });
			await pass(1);
			expect(await bodies(acme, 1)).toEqual([{ n: 1 }]);
		},
		until: async () => {
			const acme = await waiting({ until: cel("event.data.data.at") });
			await pass(3 * HOUR - 1);
			expect(await ends(acme)).toEqual({ pause: "sleeping", tell: "pending" });
			await pass(1);
			expect(await bodies(acme, 1)).toEqual([{ n: 1 }]);
		},
	},
);
