// Another input for the step of one dead letter.

import { createRoute, z } from "@hono/zod-openapi";
import { isClosed, stepOf } from "../model/letter";
import { entityOf, ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { Accepted, notOpen, notResumable } from "./dead-letters";
import { guarded } from "./guard";
import { IdParam } from "./journal";
import { invalid, notFound, problem, problems } from "./problem";
import { checkPatch } from "./replays-check";
import { AnyObject, answer, jsonBody, WRITE_PROBLEMS } from "./schema";

const Patch = z.strictObject({
	with: AnyObject.describe("In the place of the step's input; may hold ${{ }} expressions, as a document does."),
});

const Patched = Accepted.extend({
	paths: z.array(z.string()).describe("Where the input differs from the document's."),
}).openapi("DeadLetterPatched");

const patch = createRoute({
	method: "post",
	path: "/tenants/{tenant}/dead-letters/{id}/patch",
	tags: ["dead letters"],
	summary: "Give the step that failed another input, and retry it",
	description:
		"Every later attempt of the step is given this input, until its run goes on with another version. The journal is told where it differs, and not what it holds.",
	...guarded("operate", checkJson),
	request: { params: IdParam, body: jsonBody(Patch) },
	responses: { 202: answer("The step is tried again.", Patched), ...WRITE_PROBLEMS, ...problems(409, 410) },
});

export function addLetterPatch(app: Admin): void {
	app.openapi(patch, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const { with: tree } = c.req.valid("json");
		const found = await ledgerOf(c.env, tenant).deadLetter(id);
		if (found === null) return notFound(c, `dead letter ${id}`);
		const { letter } = found;
		const step = stepOf(letter);
		const { workflow, version } = letter;
		if (step === null || workflow === null || version === null)
			return problem(c, 409, "There is no step whose input could be replaced: the delivery never became an event.");
		const peeked = await entityOf(c.env, tenant, step.entity_key).peek(step.run, step.step);
		if (peeked === null) return isClosed(letter) ? notOpen(c, id) : notKept(c);
		if (peeked.lease.kind === "undo") return notPatchable(c, step.step);
		const place = { workflow, version: peeked.lease.version, step: peeked.lease.step };
		const checked = await checkPatch(c.env.DB, tenant, place, tree);
		if (!checked.ok) return invalid(c, checked.error);
		const order = { by: c.get("principal").name, with: tree, paths: checked.value };
		const said = await entityOf(c.env, tenant, step.entity_key).patch(step.run, step.step, order);
		switch (said) {
			case "ok":
				return c.json({ id, state: "retrying" as const, paths: checked.value }, 202);
			case "conflict":
				return isClosed(letter) ? notOpen(c, id) : notResumable(c, id, step.run);
			case "gone":
				return isClosed(letter) ? notOpen(c, id) : notKept(c);
			case "not_patchable":
				return notPatchable(c, step.step);
			case "too_large":
				return problem(
					c,
					409,
					"The run keeps at most 256 KB of patched inputs. Publish a version instead, and resume the run with it.",
				);
		}
	});
}

function notKept(c: Parameters<typeof problem>[0]) {
	return problem(c, 410, "The run is no longer kept, so it cannot be resumed. Discard the letter.");
}

function notPatchable(c: Parameters<typeof problem>[0], step: string) {
	const detail = `${step} has no input that could be replaced: it is an undo, or goes nowhere. Retry it, resume its run with another version, or discard the letter.`;
	return problem(c, 409, detail);
}
