// What a soak knows by itself: what was answered with 200, and what took effect at the receiver, under which keys.

import { ITEMS, type Kind } from "./soak-workflows.ts";

export interface Taken {
	tenant: string;
	kind: Kind;
	event: string;
	at: number;
	/** The issue that it is about, whose number says more. */
	issue: number;
	number: number;
	/** Of a join: its other branch is never sent. */
	alone: boolean;
}

export interface Message {
	tenant: string;
	channel: string;
	ts: string;
	key: string;
	at: number;
}

export interface Oracle {
	taken: Map<string, Taken>;
	/** By event: what took effect for it, each with the keys under which it did. */
	effects: Map<string, Map<string, Set<string>>>;
	/** Messages by key, those that were deleted too. */
	messages: Map<string, Message[]>;
	deleted: Set<Message>;
	/** Keys whose message a probe was not shown, though it was there. */
	unseen: Set<string>;
	/** Steps that came before what they need, or were undone in the wrong order. */
	disorders: string[];
	/** Requests that came again under a key that had acted. */
	repeats: number;
}

export function newOracle(): Oracle {
	return {
		taken: new Map(),
		effects: new Map(),
		messages: new Map(),
		deleted: new Set(),
		unseen: new Set(),
		disorders: [],
		repeats: 0,
	};
}

export function noteEffect(oracle: Oracle, event: string, what: string, key: string): void {
	const known = oracle.effects.get(event) ?? new Map<string, Set<string>>();
	oracle.effects.set(event, known);
	known.set(what, (known.get(what) ?? new Set()).add(key));
}

export function hasEffect(oracle: Oracle, event: string, what: string): boolean {
	return oracle.effects.get(event)?.has(what) === true;
}

/** What is to be seen at the receiver once everything has come to a good end, or has been undone. */
export function expected({ kind, alone, number }: Pick<Taken, "kind" | "alone" | "number">): string[] {
	switch (kind) {
		case "forward":
			return ["forward.tell"];
		case "settle":
			return ["settle.tell"];
		case "chain":
			return ["chain.first", "chain.last"];
		case "spread":
			return ITEMS.map((item) => `spread.tell.${item}`);
		case "meet":
			return alone ? [] : ["meet.tell"];
		case "saga":
			return isRefused(number)
				? ["saga.reserve", "saga.announce", "saga.unannounce", "saga.unreserve"]
				: ["saga.reserve", "saga.announce", "saga.confirm"];
		case "notify":
			return ["notify.tell"];
	}
}

/** By its target, for good: what its saga has done before is undone. */
export function isRefused(number: number): boolean {
	return number % 3 === 0;
}

export function missing(oracle: Oracle, taken: Taken): string[] {
	return expected(taken).filter((what) => !hasEffect(oracle, taken.event, what));
}

export interface Twice {
	/** One effect under two keys: something started twice. */
	keys: string[];
	/** Two messages under one key that no lagging probe explains. */
	messages: string[];
	/** Two messages under one key, where an unknown outcome met a probe that could not see the first. */
	unseen: number;
}

export function twice(oracle: Oracle): Twice {
	const keys = [...oracle.effects].flatMap(([event, effects]) =>
		[...effects].flatMap(([what, used]) => (used.size > 1 ? [`${event} ${what}: ${[...used].join(", ")}`] : [])),
	);
	const again = [...oracle.messages].filter(([, posted]) => posted.length > 1).map(([key]) => key);
	const messages = again.filter((key) => !oracle.unseen.has(key));
	return { keys, messages, unseen: again.length - messages.length };
}
