// What no scheme and no row of a vocabulary may say. Each flaw is told so that whoever reads it knows what to change.

import type { SignatureScheme, Verification, VocabularyRow } from "../../src/connectors/connector";
import { NOUNS, VERBS } from "../../src/connectors/vocabulary";
import type { TRUST_LEVELS } from "../../src/model/event";

const HOLES = ["body", "timestamp", "id", "method", "url", "form", "secret"];
type Trust = (typeof TRUST_LEVELS)[number];

/** Why a scheme cannot work, or cannot be trusted as much as its source says. */
export function flawsOf(scheme: Verification, trust: Trust): string[] {
	switch (scheme.kind) {
		case "token":
			return trust === "token" ? [] : [`a shared token is trusted as token, not as ${trust}`];
		case "jwt":
			return trust === "bearer" ? [] : [`a web token is trusted as bearer, not as ${trust}`];
		case "any":
			return scheme.of.flatMap((each) => flawsOf(each, trust));
		case "hmac":
		case "digest":
		case "ecdsa-p256":
		case "ed25519":
			return [...flawsOfTemplate(scheme), ...flawsOfTrust(scheme, trust)];
	}
}

function holesOf({ signed }: SignatureScheme): string[] {
	return [...signed.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
}

function flawsOfTemplate(scheme: SignatureScheme): string[] {
	const holes = holesOf(scheme);
	const unknown = holes.filter((name) => !HOLES.includes(name)).map((name) => `{${name}} is no hole of a template`);
	const { timestamp, id, url } = scheme;
	const filled: Record<string, boolean> = {
		timestamp: timestamp !== undefined && timestamp.from !== "body",
		id: id !== undefined,
		url: url !== undefined,
		secret: scheme.kind === "digest",
	};
	const empty = holes.filter((name) => filled[name] === false).map((name) => `nothing fills {${name}}`);
	return [...unknown, ...empty];
}

function flawsOfTrust(scheme: SignatureScheme, trust: Trust): string[] {
	// Less than it could be: what counts may stand where the signature does not reach.
	if (trust === "bearer") return [];
	if (trust === "token") return [`a signature is not trusted as ${trust}`];
	const uncovered = coversBody(scheme) ? [] : [`trust ${trust} needs a body that the signature covers`];
	if (trust === "signed" && !coversTime(scheme)) uncovered.push("trust signed needs a time that the signature covers");
	return uncovered;
}

/** A form by its fields, and what is no form by its hash in the address: where one is missing, such bodies are not. */
export function coversBody(scheme: SignatureScheme): boolean {
	const holes = holesOf(scheme);
	if (holes.includes("body")) return true;
	return holes.includes("url") && holes.includes("form") && scheme.url?.body_hash !== undefined;
}

function coversTime(scheme: SignatureScheme): boolean {
	if (scheme.timestamp === undefined) return false;
	return holesOf(scheme).includes(scheme.timestamp.from === "body" ? "body" : "timestamp");
}

/** Which words of an event's canonical names do not stand in the vocabulary. */
export function unknownWords({ native, event_type, entity }: VocabularyRow): string[] {
	const [, noun = event_type, verb = ""] = /^(.+)\.([^.]*)$/.exec(event_type) ?? [];
	const told = (word: string, kind: string) =>
		`${event_type} (${native}): “${word}” is no ${kind} of src/connectors/vocabulary.ts`;
	return [
		...(Object.hasOwn(NOUNS, noun) ? [] : [told(noun, "noun")]),
		...(Object.hasOwn(VERBS, verb) ? [] : [told(verb, "verb")]),
		...(Object.hasOwn(NOUNS, entity) || entity === noun ? [] : [told(entity, "noun")]),
	];
}
