// The order in which facts happened. They reach the chain in any order; the facts of one turn bear the same time.

import type { Fact } from "../model/fact";
import type { Entry } from "../model/ledger";

/**
 * Within a millisecond, what can only follow from something else stands behind it: first what set a turn off, then what
 * became of steps, then of the run. No operator answers an end within the millisecond of it.
 */
const RANK: Record<Fact["kind"], number> = {
	"event.received": 0,
	"delivery.unreadable": 0,
	"workflow.paused": 0,
	"workflow.resumed": 0,
	"connection.resumed": 0,
	"letter_group.acknowledged": 0,
	"letter_group.resolved": 0,
	"letter_group.ignored": 0,
	"letter_group.reopened": 0,
	"replay.started": 0,
	"replay.finished": 1,
	"replay.aborted": 1,
	"alert.raised": 0,
	"alert.cleared": 1,
	"event.handed_on": 1,
	"event.duplicate": 1,
	"join.waiting": 2,
	"run.started": 3,
	"run.resumed": 4,
	"run.cancelled": 4,
	"dead_letter.patched": 4,
	"dead_letter.retried": 4,
	"dead_letter.discarded": 4,
	"attempt.finished": 5,
	"step.waiting": 6,
	"approval.voted": 7,
	"step.ended": 8,
	"dead_letter.opened": 9,
	"dead_letter.resolved": 9,
	// A run can be undone and at its end in one turn, and be told in this order.
	"run.compensating": 10,
	"run.finished": 10,
};

export function asItHappened(a: Entry, b: Entry): number {
	return a.at - b.at || RANK[a.kind] - RANK[b.kind] || a.seq - b.seq;
}
