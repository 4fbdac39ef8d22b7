// The bytes that were signed: a template around the body's raw bytes. The body is never decoded, because decoding is
// lossy and two different bodies could then share a signature.

const HOLE = /\{(body|timestamp|id|method|url|form|secret)\}/;

export interface SignedParts {
	body: Uint8Array;
	timestamp: string;
	id: string;
	method: string;
	url: string;
	form: string;
	secret: string;
}

/** Fills the holes of a template. */
export function composeMessage(template: string, parts: SignedParts): Uint8Array<ArrayBuffer> {
	// Splitting by a pattern with a group gives text and names of holes in turn.
	const pieces = template.split(HOLE).map((piece, i) => {
		const value = i % 2 === 0 ? piece : parts[piece as keyof SignedParts];
		return typeof value === "string" ? encoder.encode(value) : value;
	});
	return concat(pieces);
}

const encoder = new TextEncoder();

function concat(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}
