// What the status of an answer means, where a system keeps to what HTTP says of them. What it says otherwise is data.

import type { Json } from "../../model/json";
import type { PERMANENT_CLASSES } from "../../model/outcome";
import { err, ok, type Result } from "../../model/result";
import type { OutboundResponse } from "../connector";
import { parseAnswer } from "./answer";
import { type Failure, leftOpen } from "./failure";
import { retryAfterMs } from "./retry-after";

export type PermanentClass = (typeof PERMANENT_CLASSES)[number];

/** The body of an answer that says that it was done, null if it has none that is JSON; or why not, or that it is open. */
export type AnswerReader = (response: OutboundResponse, now: number, repeatable: boolean) => Result<Json, Failure>;

export interface Statuses {
	/** The system's name, as reasons begin with it. */
	title: string;
	/** Statuses of its own, over what they mean by themselves. */
	classes?: Readonly<Record<number, PermanentClass>>;
	/** Statuses besides 425 and 429 that say: nothing was done, come back later. */
	later?: readonly number[];
	/** How long to wait, milliseconds, where there is no `Retry-After`. */
	wait?: (response: OutboundResponse, now: number) => number | undefined;
	/** Asked first, for systems that say more than their status does; undefined leaves it to the status. */
	first?: (response: OutboundResponse, now: number, repeatable: boolean) => Failure | undefined;
	/** A word of the system's own for what is wrong, fit to be read by people. */
	code?: (response: OutboundResponse) => string | undefined;
}

const CLASSES: Readonly<Record<number, PermanentClass>> = {
	401: "auth",
	403: "permission",
	404: "not_found",
	410: "not_found",
};
const LATER = [425, 429];

export function answerBy(statuses: Statuses): AnswerReader {
	return (response, now, repeatable) => {
		const special = statuses.first?.(response, now, repeatable);
		if (special !== undefined) return err(special);
		const { status } = response;
		if (status >= 200 && status < 300) return ok(parseAnswer(response.body) ?? null);
		return err(failureBy(statuses, response, { now, repeatable }));
	};
}

function failureBy(
	statuses: Statuses,
	response: OutboundResponse,
	{ now, repeatable }: { now: number; repeatable: boolean },
): Failure {
	const { status } = response;
	const code = codeOf(statuses, response);
	const reason = `${statuses.title} answered ${status}${code === undefined ? "" : `, ${code}`}`;
	const wait = retryAfterMs(response, now) ?? statuses.wait?.(response, now);
	const later: Failure = { kind: "transient", reason, ...(wait !== undefined && { after_ms: wait }) };
	if (LATER.includes(status) || statuses.later?.includes(status)) return later;
	if (status >= 500 || status === 408) return repeatable ? later : leftOpen(reason, repeatable);
	if (status >= 400) {
		const known = statuses.classes?.[status] ?? CLASSES[status];
		return { kind: "permanent", class: known ?? "invalid", reason };
	}
	if (status >= 300) return { kind: "permanent", class: "policy", reason: `${reason}; redirects are not followed` };
	return leftOpen(`${reason} and did not say what it did`, repeatable);
}

/** Only if it looks like a code: reasons go where nothing else of an answer belongs. */
function codeOf({ code }: Statuses, response: OutboundResponse): string | undefined {
	const text = code?.(response);
	return text !== undefined && /^[A-Za-z][\w .:/-]{0,79}$/.test(text) ? text : undefined;
}
