// A delivery of several events. Each was judged alone: one that cannot be read does not stop the others.

import { err, ok, type Result } from "../../model/result";
import type { Normalized, NormalizedEvent } from "../connector";

/** As many reasons as help; the delivery itself has the rest. */
const MAX_REASONS = 5;

/** The events that could be read, in their order; a reason if none could. Reasons name places from 1. */
export function manyEvents(list: Result<NormalizedEvent, string>[]): Result<Normalized, string> {
	if (list.length === 0) return err("the delivery holds no events");
	const events = list.flatMap((one) => (one.ok ? [one.value] : []));
	const reasons = list.flatMap((one, i) => (one.ok ? [] : [`event ${i + 1} of ${list.length}: ${one.error}`]));
	if (reasons.length === 0) return ok({ kind: "events", events });
	const unreadable = told(reasons);
	return events.length === 0 ? err(unreadable) : ok({ kind: "events", events, unreadable });
}

function told(reasons: string[]): string {
	const more = reasons.length - MAX_REASONS;
	return [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
