// Mail by the Worker's own binding, as if it were an exchange of HTTP: what it says becomes a status and a body.

import type { OutboundRequest, OutboundResponse } from "../connectors/connector";
import type { Env } from "../env";
import { err, ok, type Result } from "../model/result";
import type { NoAnswer } from "./send";
import { within } from "./within";

/** `request.body` is the message as the binding takes it, in JSON. */
export async function sendEmail(
	env: Pick<Env, "EMAIL">,
	request: OutboundRequest,
	timeoutMs: number,
): Promise<Result<OutboundResponse, NoAnswer>> {
	if (env.EMAIL === undefined) return ok(answered(501, {}));
	try {
		const sent = await within(timeoutMs, env.EMAIL.send(JSON.parse(request.body ?? "{}")), "late" as const);
		if (sent === "late") return err({ reason: `no answer within ${timeoutMs} ms`, timed_out: true });
		return ok(answered(200, { messageId: sent.messageId }));
	} catch (error) {
		const code = (error as { code?: unknown } | null)?.code;
		if (typeof code === "string") return ok(answered(422, { code }));
		return err({ reason: `the binding failed: ${String(error).slice(0, 300)}`, timed_out: false });
	}
}

function answered(status: number, body: object): OutboundResponse {
	return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
