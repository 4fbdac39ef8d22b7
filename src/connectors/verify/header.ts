// Header values of a delivery, by lower-case name. A record's prototype has names too, like `constructor`.

import type { Delivery } from "../connector";

/** The header's value; undefined if the delivery does not carry it, or carries it empty. */
export function headerOf(delivery: Delivery, name: string): string | undefined {
	return (Object.hasOwn(delivery.headers, name) && delivery.headers[name]) || undefined;
}

/** The query parameter's value; undefined if it is missing or empty. */
export function queryOf(delivery: Delivery, name: string): string | undefined {
	return (Object.hasOwn(delivery.query, name) && delivery.query[name]) || undefined;
}
