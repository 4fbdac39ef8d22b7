// Systems that choose the signing secret themselves and send it once, unsigned. It is taken only while the source has no
// secret, and counts only when an operator, who has shown it to the system, sets it: else anybody could plant a key.

import type { Delivery, SourceSide } from "../connectors/connector";
import { textAt } from "../connectors/inbound/read";
import type { Env } from "../env";
import type { Source } from "../model/source";
import { vaultKeys } from "../registry/cache";
import { keepHandedOver } from "../registry/handovers";
import { parseJson } from "./json";

/** Nothing that a person could not copy from one page to another. */
const SECRET = /^[\x21-\x7e]{8,1000}$/;

/** True if the delivery was a handover, and is dealt with. */
export async function handOver(
	env: Env,
	{ source, side }: { source: Source; side: SourceSide },
	delivery: Delivery,
): Promise<boolean> {
	if (side.hands_over_secret === undefined || source.secrets.length > 0) return false;
	const json = parseJson(delivery.body);
	const secret = json.ok ? textAt(json.value, side.hands_over_secret) : undefined;
	if (secret === undefined || !SECRET.test(secret)) return false;
	const { tenant, name } = source;
	return keepHandedOver(env.DB, await vaultKeys(env), { tenant, name, secret, now: delivery.received_at });
}
