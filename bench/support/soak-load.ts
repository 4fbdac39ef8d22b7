// The senders of a soak: signed deliveries at a pace that the service keeps up with. A sender that hears no answer sends
// again until it does, and one in ten deliveries comes a second time although it was answered.

import { sign } from "@octokit/webhooks-methods";
import { missing, type Oracle, type Taken } from "./soak-oracle.ts";
import { JOIN_MS, KINDS, type Kind, SECRET, TENANTS } from "./soak-workflows.ts";

/** At most so many events are unfinished; those that are older than the age do not count, because they wait. */
const MOST_UNFINISHED = 150;
const WAITING_AGE_MS = 20_000;
const SENDERS = 6;
const DUPLICATES = 0.1;
const DUPLICATE_WITHIN_MS = 20_000;
/** One in so many joins is left alone by its other branch. */
const ALONE = 12;
/** Issues that bursts are about, and those that everything else is about, but for joins: each has an issue of its own. */
const HOT_ISSUES = 40;
const ISSUES = 2_000;
const RETRY_MS = 200;

export interface Load {
	/** Sends for so long; null for as fast as events are finished. Answers the events per second. */
	run: (ms: number, perSecond: number | null) => Promise<number>;
	/** Duplicates that are still to come have come. */
	settle: () => Promise<void>;
	sent: { deliveries: number; duplicates: number; unanswered: number; otherwise: string[] };
	unfinished: () => Taken[];
}

interface Delivery {
	tenant: string;
	kind: Kind;
	action: string;
	issue: number;
	number: number;
	alone: boolean;
}

/** `only`: every delivery is of this kind. */
export function newLoad(url: string, oracle: Oracle, random: () => number, only?: Kind): Load {
	const sent: Load["sent"] = { deliveries: 0, duplicates: 0, unanswered: 0, otherwise: [] };
	const open = new Set<Taken>();
	const lingering = new Set<Taken>();
	const later = new Set<Promise<void>>();
	let serial = 0;

	const unfinished = () => {
		for (const taken of [...open, ...lingering]) {
			if (missing(oracle, taken).length > 0) continue;
			open.delete(taken);
			lingering.delete(taken);
		}
		return [...open, ...lingering];
	};
	/** Asked often, so that what lingers is not looked at each time. */
	const busy = () => {
		for (const taken of open) {
			const isFinished = missing(oracle, taken).length === 0;
			const lingers = Date.now() - taken.at >= WAITING_AGE_MS;
			if (isFinished || lingers) open.delete(taken);
			if (!isFinished && lingers) lingering.add(taken);
		}
		return open.size;
	};

	const draw = (): Delivery[] => {
		let left = random() * 100;
		const drawn = (Object.keys(KINDS) as Kind[]).find((name) => {
			left -= KINDS[name].share;
			return left < 0;
		});
		const kind = only ?? drawn ?? "forward";
		const number = ++serial;
		const issues = { settle: 1_000 + Math.floor(random() * HOT_ISSUES), meet: 1_000_000 + number };
		const one = {
			tenant: TENANTS[Math.floor(random() * TENANTS.length)] ?? TENANTS[0],
			kind,
			action: KINDS[kind].action,
			issue: kind === "settle" || kind === "meet" ? issues[kind] : 10_000 + (number % ISSUES),
			number,
			alone: kind === "meet" && number % ALONE === 0,
		};
		return kind === "meet" && !one.alone ? [one, { ...one, action: "closed" }] : [one];
	};

	const post = async (path: string, headers: Record<string, string>, body: string): Promise<string | null> => {
		const signal = AbortSignal.timeout(15_000);
		const answer = await fetch(`${url}${path}`, { method: "POST", headers, body, signal }).catch(() => null);
		const text = await answer?.text().catch(() => "");
		if (answer === null || text === undefined || text === "") return null;
		if (answer.status === 200) return (JSON.parse(text) as { events: string[] }).events.join(" ");
		if (answer.status !== 503) sent.otherwise.push(`${answer.status} ${text.slice(0, 200)}`);
		return null;
	};

	const deliver = async ({ tenant, kind, action, issue, number, alone }: Delivery): Promise<void> => {
		const body = JSON.stringify({
			action,
			issue: { id: issue, number, title: `Issue ${number}`, updated_at: new Date().toISOString() },
			sender: { id: 7, login: "dana", type: "User" },
			repository: { id: 1, full_name: "a/b" },
		});
		const headers = {
			"content-type": "application/json",
			"x-github-event": "issues",
			"x-github-delivery": `soak-${process.pid}-${number}-${action}`,
			"x-hub-signature-256": await sign(SECRET, body),
		};
		const path = `/in/${tenant}/github`;
		sent.deliveries += 1;
		let event = await post(path, headers, body);
		while (event === null) {
			sent.unanswered += 1;
			await sleep(RETRY_MS);
			event = await post(path, headers, body);
		}
		const taken = { tenant, kind, event, at: Date.now(), issue, number, alone };
		oracle.taken.set(event, taken);
		open.add(taken);
		if (random() >= DUPLICATES) return;
		const again = sleep(random() * DUPLICATE_WITHIN_MS)
			.then(() => post(path, headers, body))
			.then((same) => {
				sent.duplicates += 1;
				if (same !== null && same !== event) sent.otherwise.push(`a duplicate of ${event} became ${same}`);
			});
		later.add(again);
		void again.finally(() => later.delete(again));
	};

	const run = async (ms: number, perSecond: number | null) => {
		const began = Date.now();
		const before = oracle.taken.size;
		let next = began;
		await Promise.all(
			Array.from({ length: SENDERS }, async () => {
				while (Date.now() - began < ms) {
					if (busy() >= MOST_UNFINISHED || Date.now() < next) {
						await sleep(20);
						continue;
					}
					const deliveries = draw();
					if (perSecond !== null) next = Math.max(next, Date.now() - 1_000) + (deliveries.length * 1_000) / perSecond;
					for (const delivery of deliveries) await deliver(delivery);
				}
			}),
		);
		return ((oracle.taken.size - before) * 1_000) / (Date.now() - began);
	};

	const settle = async () => {
		while (later.size > 0) await Promise.all(later);
	};

	return { run, settle, sent, unfinished };
}

/** A join that nobody comes to is over by now. */
export function isOverdue({ alone, at }: Taken, now: number): boolean {
	return alone && now - at > JOIN_MS + 30_000;
}

export function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
