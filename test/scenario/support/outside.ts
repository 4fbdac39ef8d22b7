// The outside world as a test orders it: what systems answer, what arrived at them, and what their senders sign.

import { inject } from "vitest";
import type { Arrived } from "../../../scripts/support/receiver";
import type { SignRequest } from "../../../scripts/support/sign";
import type { Order, Scripted } from "./outside-setup";

const { systems, control, nobody, impostor } = inject("outside");

/** The address of a system like `/acme/pager`. */
export function systemAt(place: string): string {
	return `${systems}${place}`;
}

/** An address that nobody listens at. */
export const NOBODY = nobody;

/** An address whose certificate is of somebody else, and signed by nobody. */
export const IMPOSTOR = impostor;

/** What the system answers from now on, in order; the last answer is given again and again. */
export async function script(place: string, ...answers: Scripted[]): Promise<void> {
	await order({ do: "script", place, answers });
}

export function arrivedAt(place: string): Promise<Arrived[]> {
	return order({ do: "arrived", place });
}

/** `url`: where it is sent to, for those who sign that. */
export function sign({
	url = "",
	...request
}: Omit<SignRequest, "url"> & { url?: string }): Promise<Record<string, string>> {
	return order({ do: "sign", url, ...request });
}

async function order<T>(what: Order): Promise<T> {
	const answer = await fetch(control, { method: "POST", body: JSON.stringify(what) });
	const text = await answer.text();
	if (!answer.ok) throw new Error(`the outside world refused: ${text}`);
	return JSON.parse(text) as T;
}
