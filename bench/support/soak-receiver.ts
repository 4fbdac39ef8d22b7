// The outside world of a soak: HTTP targets that honour idempotency keys, and a Slack that keeps its messages. Both act
// once per request that says so, and answer as badly as was drawn.

import {
	type Answer,
	type Arrived,
	type Receiver,
	type Script,
	startReceiver,
} from "../../scripts/support/receiver.ts";
import { type FaultName, type Faults, HTTP, SLACK_DELETE, SLACK_POST, SLACK_PROBE } from "./soak-faults.ts";
import { hasEffect, type Message, noteEffect, type Oracle } from "./soak-oracle.ts";

/** Beyond every time-out of the workflows. */
const SLOW_MS = 3_000;
/** How far behind a lagging probe is. */
const LAG_MS = 10_000;
const KEPT_MS = 600_000;
const BIG = "x".repeat(2_000);

export interface Outside {
	receiver: Receiver;
	requests: () => number;
}

export async function startOutside(oracle: Oracle, faults: Faults): Promise<Outside> {
	let requests = 0;
	const slack = newSlack(oracle, faults);
	const script: Script = (request) => {
		requests += 1;
		// What matters is in the oracle; the requests themselves would fill the memory.
		receiver.arrived.length = 0;
		const [, tenant = "", place = "", ...rest] = request.path.split("/");
		return place === "chat" ? slack(request, tenant, rest.join("/")) : target(oracle, faults, request, rest);
	};
	const receiver = await startReceiver(script);
	return { receiver, requests: () => requests };
}

interface Posted {
	of?: string;
	event?: string;
	events?: string[];
	item?: string;
	refuse?: boolean;
	read?: number;
}

function target(oracle: Oracle, faults: Faults, request: Arrived, rest: string[]): Answer | "hang" {
	const key = request.headers["idempotency-key"] ?? "";
	const fault = faults.draw(HTTP);
	if (rest[0] === "read") {
		const event = rest[1] ?? "";
		if (!hasEffect(oracle, event, "chain.first")) oracle.disorders.push(`${event}: read before first`);
		return ill(fault, () => noteEffect(oracle, event, "chain.read", key), { status: 200, body: { state: "open" } });
	}
	const body = JSON.parse(request.body) as Posted;
	if (body.refuse === true) return ill(fault, () => {}, { status: 422, body: { error: "refused" } });
	return ill(fault, () => actOnce(oracle, body, key), { status: 200 });
}

function actOnce(oracle: Oracle, { of = "", event, events = [], item, read }: Posted, key: string): void {
	const what = item === undefined ? of : `${of}.${item}`;
	const about = event === undefined ? events : [event];
	if (about.some((id) => oracle.effects.get(id)?.get(what)?.has(key))) oracle.repeats += 1;
	if (event !== undefined) checkOrder(oracle, of, event, read);
	for (const id of about) noteEffect(oracle, id, what, key);
}

/** What each effect rests on. An undo comes after the undoing of what was done later. */
function checkOrder(oracle: Oracle, of: string, event: string, read: number | undefined): void {
	const has = (what: string) => hasEffect(oracle, event, what);
	const isRight =
		of === "chain.last"
			? has("chain.first") && has("chain.read") && read === 200
			: of === "saga.confirm"
				? has("saga.reserve") && has("saga.announce")
				: of === "saga.unreserve"
					? has("saga.reserve") && (!has("saga.announce") || has("saga.unannounce"))
					: true;
	if (!isRight) oracle.disorders.push(`${event}: ${of} out of order`);
}

/** An answer with something wrong with it; `act` is called if the target acts all the same. */
function ill(fault: FaultName | null, act: () => void, well: Answer): Answer | "hang" {
	switch (fault) {
		case "429_seconds":
			return { status: 429, headers: { "retry-after": "1" } };
		case "429_date":
			return { status: 429, headers: { "retry-after": new Date(Date.now() + 2_000).toUTCString() } };
		case "500_before":
			return { status: 500 };
		case "reset_before":
			return { status: 500, ill: "reset" };
		case "slow_headers_before":
			return { status: 503, after: SLOW_MS };
		case "hang":
			return "hang";
		case "200_ratelimited":
			return { status: 200, headers: { "retry-after": "1" }, body: { ok: false, error: "ratelimited" } };
		case "200_error_before":
			return { status: 200, body: { ok: false, error: "internal_error" } };
		case "200_refused":
			return { status: 200, body: { ok: false, error: "is_archived" } };
		default:
			act();
			return illAfter(fault, well);
	}
}

function illAfter(fault: FaultName | null, well: Answer): Answer {
	switch (fault) {
		case "500_after":
			return { status: 500 };
		case "reset_after":
			return { status: 500, ill: "reset" };
		case "slow_headers_after":
			return { ...well, after: SLOW_MS };
		case "slow_body":
			return { ...well, body: BIG.slice(0, 100), ill: "drip" };
		case "cut_body":
			return { ...well, body: BIG, ill: "cut" };
		case "oversized":
			return { ...well, body: BIG, ill: "flood" };
		case "200_error_after":
			return { status: 200, body: { ok: false, error: "internal_error" } };
		default:
			return well;
	}
}

/** https://docs.slack.dev/reference/methods, as far as it is called: posting, deleting, and a channel's history. */
function newSlack(oracle: Oracle, faults: Faults): (request: Arrived, tenant: string, call: string) => Answer | "hang" {
	const channels = new Map<string, Message[]>();
	let serial = 0;

	const post = ({ body }: Arrived, tenant: string) => {
		const { channel, text, metadata } = JSON.parse(body);
		const key: string = metadata.event_payload.k;
		const now = Date.now();
		serial += 1;
		const ts = `${Math.floor(now / 1_000)}.${String((now % 1_000) * 1_000 + (serial % 1_000)).padStart(6, "0")}`;
		return ill(
			faults.draw(SLACK_POST),
			() => {
				const message = { tenant, channel, ts, key, at: now };
				const place = `${tenant} ${channel}`;
				channels.set(place, [...(channels.get(place) ?? []).filter(({ at }) => now - at < KEPT_MS), message]);
				oracle.messages.set(key, [...(oracle.messages.get(key) ?? []), message]);
				const [step = "", event = ""] = String(text).split(" ");
				if (step === "announce" && !hasEffect(oracle, event, "saga.reserve"))
					oracle.disorders.push(`${event}: announce before reserve`);
				noteEffect(oracle, event, step === "announce" ? "saga.announce" : "notify.tell", key);
			},
			{ status: 200, body: { ok: true, channel, ts } },
		);
	};

	const remove = ({ body, headers }: Arrived, tenant: string) => {
		const { channel, ts } = JSON.parse(body);
		const message = channels.get(`${tenant} ${channel}`)?.find((one) => one.ts === ts);
		const gone = message === undefined || oracle.deleted.has(message);
		const act = () => {
			if (message === undefined) return;
			oracle.deleted.add(message);
			const event = eventOf(message.key);
			noteEffect(oracle, event, "saga.unannounce", headers["idempotency-key"] ?? message.key);
		};
		const fault = faults.draw(SLACK_DELETE);
		const answer = gone ? { ok: false, error: "message_not_found" } : { ok: true, channel, ts };
		return ill(fault, act, { status: 200, body: answer });
	};

	const history = ({ path }: Arrived, tenant: string) => {
		const query = new URL(path, "http://localhost").searchParams;
		const fault = faults.draw(SLACK_PROBE);
		const oldest = Number(query.get("oldest"));
		const limit = Number(query.get("limit"));
		const standing = (channels.get(`${tenant} ${query.get("channel")}`) ?? [])
			.filter((one) => !oracle.deleted.has(one) && Number(one.ts) >= oldest)
			.reverse();
		const lags = fault === "probe_lags";
		const hidden = lags ? standing.filter(({ at }) => Date.now() - at < LAG_MS) : [];
		for (const { key } of hidden) oracle.unseen.add(key);
		const shown = standing.filter((one) => !hidden.includes(one));
		const page = fault === "probe_has_more" ? [] : shown.slice(0, limit);
		const messages = page.map(({ ts, key }) => {
			const payload = fault === "probe_withholds" ? {} : { event_payload: { k: key } };
			return { type: "message", ts, text: "…", metadata: { event_type: "signalbox", ...payload } };
		});
		const has_more = fault === "probe_has_more" || shown.length > limit;
		return ill(fault, () => {}, { status: 200, body: { ok: true, messages, has_more } });
	};

	return (request, tenant, call) => {
		if (call === "chat.postMessage") return post(request, tenant);
		if (call === "chat.delete") return remove(request, tenant);
		if (call.startsWith("conversations.history?")) return history(request, tenant);
		return { status: 404, body: { ok: false, error: "unknown_method" } };
	};
}

/** A key holds the id of its event: `sb_….saga.announce`. */
function eventOf(key: string): string {
	return `evt_${key.slice("sb_".length).split(".")[0]}`;
}
