// What is sent to Slack, as the types of its own client want it.

import type {
	ChatDeleteArguments,
	ChatPostMessageArguments,
	ChatUpdateArguments,
	ConversationsHistoryArguments,
	ConversationsRepliesArguments,
} from "@slack/web-api";

export const place = { channel: "C1", ts: "1503435956.000247" } satisfies ChatDeleteArguments;

export const blocks = [{ type: "section" as const, text: { type: "mrkdwn" as const, text: "*Paid* ✓" } }];

const metadata = {
	event_type: "signalbox",
	event_payload: { k: "sb_run_1_tell", trace: "0af7651916cd43dd8448eb211c80319c" },
};

export const posted = {
	channel: "C1",
	text: "Paid ✓",
	blocks,
	thread_ts: "1.2",
	metadata,
} satisfies ChatPostMessageArguments;

export const updated = { ...place, text: "Paid ✓", blocks, metadata } satisfies ChatUpdateArguments;

const since = { include_all_metadata: true, limit: 200, oldest: "1795168440.250000", inclusive: true };

export const history = { channel: "C1", ...since } satisfies ConversationsHistoryArguments;

export const replies = { ...history, ts: "1503435950.000001" } satisfies ConversationsRepliesArguments;
