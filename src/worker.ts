// The composition root: requests to the edge, the approval page or the admin API, queue batches to their stage, the
// three object classes.

import { Hono } from "hono";
import { createAdmin } from "./admin/app";
import { consumeActions, consumeDeadActions } from "./delivery/consumer";
import { createEdge } from "./edge/app";
import { createApproval } from "./edge/approval";
import { readKept } from "./edge/kept";
import { sweep } from "./edge/sweep";
import type { Env } from "./env";
import { consumeDeadJournal, consumeJournal } from "./ledger/consumer";
import { Ledger } from "./ledger/ledger";
import type { ReadKept } from "./model/letter";
import type { ActionMessage, JournalMessage } from "./model/message";

export { Connection } from "./delivery/connection";
export { Entity } from "./entity/entity";

class ReadingLedger extends Ledger {
	protected override readonly readKept: ReadKept = (kept, reading) => readKept(this.env, kept, reading);
}

export { ReadingLedger as Ledger };

const app = new Hono<{ Bindings: Env }>();
app.route("/in", createEdge());
app.route("/approve", createApproval());
app.route("/admin/v1", createAdmin());
app.notFound((c) =>
	c.json(
		{ type: "about:blank", title: "There is nothing here", status: 404, detail: "See /admin/v1/openapi.json." },
		404,
		{
			"content-type": "application/problem+json",
		},
	),
);

export default {
	fetch: app.fetch,

	async queue(batch, env) {
		switch (batch.queue) {
			case "signalbox-actions":
			case "signalbox-actions-urgent":
				return consumeActions(batch as MessageBatch<ActionMessage>, env);
			case "signalbox-actions-dead":
				return consumeDeadActions(batch as MessageBatch<ActionMessage>, env);
			case "signalbox-journal":
				return consumeJournal(batch as MessageBatch<JournalMessage>, env);
			case "signalbox-journal-dead":
				return consumeDeadJournal(batch as MessageBatch<JournalMessage>, env);
			default:
				throw new Error(`no consumer for the queue ${batch.queue}`);
		}
	},

	async scheduled(controller, env) {
		await sweep(env, controller.scheduledTime);
	},
} satisfies ExportedHandler<Env, ActionMessage | JournalMessage>;
