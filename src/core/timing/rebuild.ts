// Windows are not rewritten for every event: after a restart each is folded again from the receipts of its events.

import type { Arrival, Receipt, Window } from "../../model/entity";
import { joinDebounce } from "./debounce";
import { joinBranch } from "./join";
import { emptied, foldArrival } from "./window";

/** `receipts` in the order of arrival; `bytesOf` is the size of an event as it is stored. */
export function rebuildWindow(
	opened: Window,
	receipts: Iterable<Receipt>,
	bytesOf: (receipt: Receipt) => number,
): Window {
	let window = emptied(opened);
	for (const receipt of receipts) {
		const verdict = receipt.verdicts.find(
			({ run, verdict }) => run === opened.id && verdict !== "failed" && verdict !== "handed_on" && verdict !== "late",
		);
		if (verdict === undefined) continue;
		const arrival: Arrival = {
			event_id: receipt.event_id,
			at: receipt.at,
			order: receipt.order,
			changes: receipt.event?.changes ?? [],
			bytes: bytesOf(receipt),
			extract: verdict.extract,
			branch: verdict.branch,
		};
		window = fold(window, arrival);
	}
	return window;
}

function fold(window: Window, arrival: Arrival): Window {
	switch (window.timing.kind) {
		case "debounce":
			return joinDebounce(window, arrival);
		case "aggregate":
			return foldArrival(window, arrival);
		case "join":
			return joinBranch(window, arrival);
	}
}
