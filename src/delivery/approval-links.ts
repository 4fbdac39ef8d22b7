// The links by which people vote, as expressions read them: `approvals.<step>.<approver>`.

import type { Template } from "../core/expression/template";
import type { Env } from "../env";
import type { JsonObject } from "../model/json";
import type { ActionMessage } from "../model/message";
import { err, ok, type Result } from "../model/result";
import { approvalLink } from "../registry/approval-link";
import { approvers, vaultKeys } from "../registry/cache";

/** Longer than any approval may wait. The step's own deadline ends it sooner. */
const LIFE_MS = 91 * 86_400_000;
const DAY_MS = 86_400_000;

/** Only what the template reads, since every link is a signature. The error says what is missing. */
export async function approvalLinks(
	env: Env,
	{ tenant, entity_key, run }: ActionMessage,
	{ programs }: Template,
	now: number,
): Promise<Result<JsonObject, string>> {
	const paths = programs.flatMap(({ program }) => [...program.paths]);
	const steps = [...new Set(paths.flatMap((path) => /^approvals\.(\w+)/.exec(path)?.[1] ?? []))];
	if (steps.length === 0) return ok({});
	const base = env.PUBLIC_URL ?? "";
	if (base === "") return err("links need to know where this deployment is reached: set PUBLIC_URL, then retry");
	const keys = await vaultKeys(env);
	const people = await approvers(env, tenant, now);
	// To the day, so that a message that is sent again under its key reads the same.
	const expires_at = (Math.floor(now / DAY_MS) + 1) * DAY_MS + LIFE_MS;
	const linksOf = async (step: string): Promise<[string, JsonObject]> => {
		const links = people.map(async ({ name: approver }): Promise<[string, string]> => {
			const grant = { tenant, entity_key, run, step, approver, expires_at };
			return [approver, await approvalLink(keys, base, grant)];
		});
		return [step, Object.fromEntries(await Promise.all(links))];
	};
	return ok(Object.fromEntries(await Promise.all(steps.map(linksOf))));
}
