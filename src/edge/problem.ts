// Errors at the door, as RFC 9457 problem bodies.

import type { Context } from "hono";

export type DoorStatus = 400 | 401 | 404 | 405 | 413 | 415 | 503;

const TITLES: Record<DoorStatus, string> = {
	400: "The delivery cannot be read",
	401: "The delivery could not be verified",
	404: "There is no such source",
	405: "Deliveries are sent with POST",
	413: "The delivery is too large",
	415: "The delivery's encoding is not accepted",
	503: "The delivery could not be stored",
};

export const NO_SOURCE = "Check the address: it is /in/<tenant>/<source>.";

/** Seconds after which a sender may try again. */
const RETRY_AFTER = "5";

export function problem(c: Context, status: DoorStatus, detail: string): Response {
	const headers: Record<string, string> = { "content-type": "application/problem+json" };
	if (status === 503) headers["retry-after"] = RETRY_AFTER;
	if (status === 405) headers.allow = "POST";
	return c.body(JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail }), status, headers);
}

export function notPost(c: Context): Response {
	return problem(c, 405, `${c.req.method} is not how a delivery comes.`);
}
