// The description of the API says what the API is.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import customerOnboarding from "../../examples/customer-onboarding.yaml?raw";
import dealSettled from "../../examples/deal-settled.yaml?raw";
import firstSteps from "../../examples/first-steps.yaml?raw";
import issueSettled from "../../examples/issue-settled.yaml?raw";
import paymentFailed from "../../examples/payment-failed.yaml?raw";
import refundApproved from "../../examples/refund-approved.yaml?raw";
import signupDigest from "../../examples/signup-digest.yaml?raw";
import { createAdmin } from "../../src/admin/app";
import { SCOPES } from "../../src/registry/token";
import { call } from "./admin";
import { describedRoutes } from "./routes";

const { body: document } = await call("GET", "/openapi.json", { token: null });
const routes = await describedRoutes();

test("it is OpenAPI 3.1 below the right address", () => {
	expect(document.openapi).toBe("3.1.0");
	expect(document.servers).toEqual([{ url: "/admin/v1" }]);
	expect(document.components.securitySchemes.token).toMatchObject({ type: "http", scheme: "bearer" });
});

test("every route that answers is described, and nothing else is", () => {
	const served = createAdmin()
		.routes.filter(({ path, method }) => path !== "/*" && method !== "ALL")
		.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
	const described = routes.map(({ method, path }) => `${method} ${path}`);
	expect([...new Set(served)].sort()).toEqual(described.sort());
});

test("every reference leads somewhere", () => {
	const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
	expect(references.length).toBeGreaterThan(50);
	for (const [, name = ""] of references) expect(document.components.schemas).toHaveProperty(name);
});

describe.each(routes)("$method $path", ({ path, scope, operation }) => {
	test("has a summary, a tag and a description of every answer", () => {
		expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
		expect(operation.tags.length).toBe(1);
		for (const answer of Object.values<{ description: string }>(operation.responses)) {
			expect(answer.description).not.toBe("");
		}
	});

	test("says which token it needs, and that others are refused with a problem", () => {
		if (["/health", "/openapi.json", "/workflow.schema.json"].includes(path)) return expect(scope).toBeNull();
		expect([...SCOPES, "root"]).toContain(scope);
		for (const status of ["400", "401", "403", "404", "500", "503"]) {
			expect(operation.responses[status].content["application/problem+json"].schema).toEqual({
				$ref: "#/components/schemas/Problem",
			});
		}
	});

	test("declares its parameters, and its body's problems if it takes one", () => {
		const declared = (operation.parameters ?? [])
			.filter((parameter: { in: string }) => parameter.in === "path")
			.map((parameter: { name: string }) => parameter.name);
		expect(declared.sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
		if (operation.requestBody === undefined) return;
		for (const status of ["413", "415", "422"]) expect(operation.responses).toHaveProperty(status);
	});
});

test("what goes out can grow, and no schema forbids what another part of it requires", () => {
	const closed = Object.entries<Record<string, unknown>>(document.components.schemas)
		.filter(([, schema]) => JSON.stringify(schema).includes('"additionalProperties":false'))
		.map(([name]) => name);
	expect(closed.sort()).toEqual([
		"ApproverInput",
		"ConnectionInput",
		"PauseInput",
		"Rollback",
		"SecretRotation",
		"SourceInput",
		"TenantInput",
		"TokenInput",
		"VoteInput",
	]);
});

test("a secret is in no answer's schema", () => {
	const answers = JSON.stringify(routes.map(({ operation }) => operation.responses));
	const names = [...answers.matchAll(/schemas\/(\w+)/g)].map(([, name]) => name ?? "");
	const seen = new Set<string>();
	const visit = (name: string) => {
		if (seen.has(name)) return;
		seen.add(name);
		const text = JSON.stringify(document.components.schemas[name]);
		for (const [, next = ""] of text.matchAll(/schemas\/(\w+)/g)) visit(next);
	};
	names.forEach(visit);
	expect(seen.size).toBeGreaterThan(20);
	for (const name of seen) {
		const text = JSON.stringify(document.components.schemas[name]);
		expect(text).not.toContain('"credentials":');
		// What is told of the token of a connection by OAuth is when it expires, never the token.
		expect(text.includes('"token":')).toBe(name === "NewToken" || name === "ConnectionState");
		expect(text.includes('"secrets":')).toBe(name === "Source");
	}
});

const EXAMPLES = [
	customerOnboarding,
	dealSettled,
	firstSteps,
	issueSettled,
	paymentFailed,
	refundApproved,
	signupDigest,
];

test("editors can check documents: the published schema takes every example, and finds what is misspelt", async () => {
	const { body } = await call("GET", "/workflow.schema.json", { token: null });
	const schema = z.fromJSONSchema(body);
	for (const document of EXAMPLES.map((text) => parse(text))) {
		expect(schema.safeParse(document).error).toBeUndefined();
		expect(schema.safeParse({ ...document, stepz: [] }).success).toBe(false);
		expect(schema.safeParse({ ...document, steps: [{ ...document.steps[0], need: ["x"] }] }).success).toBe(false);
	}
});
