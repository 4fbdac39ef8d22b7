// Deliveries with known verdicts, as the files in `vectors/` have them.

import type { Delivery } from "../../src/connectors/connector";
import { verify } from "../../src/connectors/verify/verify";
import type { JsonObject } from "../../src/model/json";
import { deliveryOf, sourceOf } from "./deliveries";

export interface Vector {
	name: string;
	url: string;
	now: number;
	secret: string;
	headers: Record<string, string>;
	body: string;
	valid: boolean;
	reject_reason?: string;
	event_id: string;
	event_type: string;
	entity_id: string;
	occurred_at: string | null;
	actor_kind: string;
	echo?: boolean;
}

export function vectorsOf(file: { vectors: object[] }): Vector[] {
	return file.vectors.map((vector) => vector as Vector);
}

export function deliveryIn({ url, headers, body }: Vector): Delivery {
	return { ...deliveryOf(body, headers, Object.fromEntries(new URL(url).searchParams)), url };
}

/** `"ok"`, or why the delivery is refused at the vector's own time. */
export async function verdictIn(connector: string, vector: Vector, settings: JsonObject = {}): Promise<string> {
	const { side, config } = sourceOf(connector, settings);
	const verdict = await verify(deliveryIn(vector), side.verification(config), [vector.secret], vector.now);
	return verdict.ok ? "ok" : verdict.error.reason;
}

export function expectedIn({ valid, reject_reason = "" }: Vector): string {
	return valid ? "ok" : reject_reason;
}

export function timeIn({ occurred_at }: Vector): number | undefined {
	return occurred_at === null ? undefined : Date.parse(occurred_at);
}
