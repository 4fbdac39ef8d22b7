// The demonstration's outside world: Slack, a pager, a finance system and a board that is gone, each on loopback.

import { type Answer, type Arrived, type Receiver, startReceiver } from "../support/receiver.ts";

export interface World {
	receiver: Receiver;
	connections: Record<string, { connector: string; owner: string; config: object; credentials?: object }>;
	close: () => Promise<void>;
}

/** `gonePort` is a port that nobody listens on. */
export async function startWorld(gonePort: number): Promise<World> {
	const receiver = await startReceiver(answerOf);
	return {
		receiver,
		connections: {
			"slack-support": {
				connector: "slack",
				owner: "support-engineering",
				config: { base_url: `${receiver.url}/slack` },
				credentials: { token: "xoxb-demo-token" },
			},
			pager: { connector: "http", owner: "billing", config: { base_url: `${receiver.url}/pager` }, credentials: {} },
			finance: {
				connector: "http",
				owner: "billing",
				config: { base_url: `${receiver.url}/finance` },
				credentials: {},
			},
			"growth-board": {
				connector: "http",
				owner: "growth",
				config: { base_url: `http://127.0.0.1:${gonePort}` },
				credentials: {},
			},
		},
		close: receiver.close,
	};
}

/** The pager is busy at first, the finance system does not answer at first; each recognises a repeated request. */
function answerOf(request: Arrived, nth: number): Answer | "hang" {
	if (request.path.startsWith("/pager/")) {
		return nth === 1 ? { status: 429, headers: { "retry-after": "2" }, body: { error: "slow down" } } : { status: 202 };
	}
	if (request.path.startsWith("/finance/")) return nth === 1 ? "hang" : { status: 201 };
	return { status: 200, body: { ok: true, channel: "C0SUPPORT", ts: `${Date.now() / 1_000}` } };
}

/** One line about a request that arrived. */
export function describeArrived({ path, body, status }: Arrived): string {
	const data = JSON.parse(body) as Record<string, unknown>;
	const text = typeof data.text === "string" ? data.text : JSON.stringify(data);
	return `${path.padEnd(28)} ${status === null ? "no answer" : `answered ${status}`}  ${text}`;
}
