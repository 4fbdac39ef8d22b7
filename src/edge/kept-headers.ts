// Which headers of a delivery are kept for a second reading.

import type { Delivery } from "../connectors/connector";
import type { Source } from "../model/source";

/** What connectors read. */
const READ =
	/^(content-type|user-agent|ce-.*|.*-(event|topic|id|identifier|type|action|delivery|timestamp|triggered-at|shop-domain)|i-twilio-idempotency-token)$/;
/** Of what an object of the archive may carry along. */
const MAX_CHARS = 1_500;

/** As many as fit, and none that carries a secret, whatever its name is. */
export function keptHeaders(
	{ secrets, config }: Pick<Source, "secrets" | "config">,
	{ headers }: Pick<Delivery, "headers">,
): Record<string, string> {
	const settings = JSON.stringify(config).toLowerCase();
	let chars = 0;
	const kept = Object.entries(headers).filter(([name, value]) => {
		const isRead = READ.test(name) || settings.includes(`"header:${name}"`);
		if (!isRead || secrets.some((secret) => value.includes(secret))) return false;
		const size = JSON.stringify([name, value]).length;
		if (chars + size > MAX_CHARS) return false;
		chars += size;
		return true;
	});
	return Object.fromEntries(kept);
}
