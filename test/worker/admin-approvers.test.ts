// Approvers and the tokens that belong to them, through the API.

import { beforeEach, describe, expect, test } from "vitest";
import { call, dumpDatabase, must, tokenFor, tokenOf } from "./admin";

const ANN = { title: "Ann Lee", email: "ann@example.com", teams: ["legal"], identities: ["github:583231"] };

let tenant: string;
let base: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	base = `/tenants/${tenant}`;
	await must("PUT", base, { body: {} });
});

async function put(name: string, body: object = { title: name }) {
	return call("PUT", `${base}/approvers/${name}`, { body });
}

async function names(): Promise<string[]> {
	return (await must("GET", `${base}/approvers`)).body.items.map(({ name }: { name: string }) => name);
}

describe("approvers", () => {
	test("are created, replaced and read; what is absent is emptied", async () => {
		const created = await put("ann", ANN);
		expect(created.status).toBe(201);
		expect(created.body).toEqual({
			...{ name: "ann", ...ANN },
			...{ created_at: expect.any(Number), updated_at: expect.any(Number) },
		});
		expect((await call("GET", `${base}/approvers/ann`)).body).toEqual(created.body);
		const replaced = await put("ann", { title: "Ann" });
		expect(replaced.status).toBe(200);
		expect(replaced.body).toMatchObject({ title: "Ann", email: null, teams: [], identities: [] });
		expect(replaced.body.created_at).toBe(created.body.created_at);
	});

	test("are listed by name, in pages that neither repeat nor skip", async () => {
		for (const name of ["cid", "ann", "bob"]) await put(name);
		const first = (await must("GET", `${base}/approvers?limit=2`)).body;
		const second = (await must("GET", `${base}/approvers?limit=2&cursor=${first.cursor}`)).body;
		expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(["ann", "bob", "cid"]);
		expect(second.cursor).toBeNull();
	});

	test("are changed over the ETag that was read, and over no other", async () => {
		const etag = (await put("ann", ANN)).headers.get("etag") ?? "";
		expect((await call("GET", `${base}/approvers/ann`)).headers.get("etag")).toBe(etag);
		const edit = () => call("PUT", `${base}/approvers/ann`, { body: ANN, headers: { "if-match": etag } });
		const answers = await Promise.all(Array.from({ length: 10 }, edit));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(412)]);
		await must("DELETE", `${base}/approvers/ann`);
		expect((await edit()).status).toBe(412);
		expect(await names()).toEqual([]);
	});

	test("are deleted, once", async () => {
		await put("ann", ANN);
		expect((await call("DELETE", `${base}/approvers/ann`)).status).toBe(204);
		expect((await call("GET", `${base}/approvers/ann`)).status).toBe(404);
		expect((await call("DELETE", `${base}/approvers/ann`)).status).toBe(404);
	});

	test("go with their tenant", async () => {
		await put("ann", ANN);
		await must("DELETE", base);
		expect(await dumpDatabase()).not.toContain("ann@example.com");
	});

	test("of two tenants have nothing to do with each other", async () => {
		await must("PUT", `${base}-b`, { body: {} });
		await must("PUT", `${base}-b/approvers/legal`, { body: { title: "Leonard Gal" } });
		await must("PUT", `${base}-b/approvers/ann`, { body: { title: "Another Ann" } });
		expect((await put("ann", ANN)).status).toBe(201);
		await must("DELETE", `${base}/approvers/ann`);
		expect((await must("GET", `${base}-b/approvers/ann`)).body.title).toBe("Another Ann");
	});
});

describe("a name is a person's or a team's, never both:", () => {
	test("a person named like a team is refused", async () => {
		await put("ann", ANN);
		expect(await put("legal")).toMatchObject({
			status: 409,
			body: { errors: [{ path: "path.name", message: "legal is the name of a team" }] },
		});
		expect(await names()).toEqual(["ann"]);
	});

	test("a team named like a person is refused, and leaves the person as they were", async () => {
		await put("ann", ANN);
		await put("finance");
		expect(await put("ann", { ...ANN, title: "New", teams: ["legal", "finance"] })).toMatchObject({
			status: 409,
			body: { errors: [{ path: "teams", message: "finance is the name of an approver" }] },
		});
		expect((await must("GET", `${base}/approvers/ann`)).body).toMatchObject(ANN);
	});

	test("all names that clash are told", async () => {
		await put("ann", { title: "Ann", teams: ["legal"] });
		await put("bob");
		const refused = await put("legal", { title: "Legal", teams: ["ann", "bob", "board"] });
		expect(refused.body.errors.map(({ message }: { message: string }) => message.split(" ")[0])).toEqual([
			"legal",
			"ann",
			"bob",
		]);
	});

	test("a name is free again when nobody is in the team any more", async () => {
		await put("ann", ANN);
		await put("ann", { ...ANN, teams: [] });
		expect((await put("legal")).status).toBe(201);
	});

	test("also when both come at once", async () => {
		for (let i = 0; i < 10; i++) {
			const answers = await Promise.all([put("ann", { title: "Ann", teams: [`t${i}`] }), put(`t${i}`)]);
			expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
		}
	});
});

describe("a token of an approver", () => {
	const path = () => `${base}/tokens`;

	test("shows whose it is, and one of nobody shows that", async () => {
		await put("ann");
		const body = { title: "t", scopes: ["approve"], approver: "ann" };
		expect((await must("POST", path(), { body })).body.approver).toBe("ann");
		await tokenFor(tenant, "read");
		const { items } = (await must("GET", path())).body;
		expect(items.map(({ approver }: { approver: string | null }) => approver).sort()).toEqual(["ann", null]);
	});

	test("may have other scopes, and only them", async () => {
		await put("ann");
		const token = await tokenOf(tenant, "ann", "read");
		expect((await call("GET", `${base}/approvers`, { token })).status).toBe(200);
	});

	test("is revoked with the approver, at once, and nobody else's is", async () => {
		await put("ann");
		await put("bob");
		await must("PUT", `${base}-b`, { body: {} });
		await must("PUT", `${base}-b/approvers/ann`, { body: { title: "Another Ann" } });
		const [ann, bob] = [await tokenOf(tenant, "ann", "read"), await tokenOf(tenant, "bob", "read")];
		const [nobody, other] = [await tokenFor(tenant, "read"), await tokenOf(`${tenant}-b`, "ann", "read")];
		await must("DELETE", `${base}/approvers/ann`);
		expect((await call("GET", base, { token: ann })).status).toBe(401);
		for (const token of [bob, nobody]) expect((await call("GET", base, { token })).status).toBe(200);
		expect((await call("GET", `${base}-b`, { token: other })).status).toBe(200);
	});

	test("is not made for another tenant's approver", async () => {
		await must("PUT", `${base}-b`, { body: {} });
		await must("PUT", `${base}-b/approvers/ann`, { body: { title: "Ann" } });
		const body = { title: "t", scopes: ["approve"], approver: "ann" };
		expect((await call("POST", path(), { body })).status).toBe(422);
		expect((await must("GET", path())).body.items).toEqual([]);
	});
});
