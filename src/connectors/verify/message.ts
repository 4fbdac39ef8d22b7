// The bytes that were signed: a template around the body's raw bytes. The body is never decoded, because decoding is
// lossy and two different bodies could then share a signature.

const HOLE = /\{(body|timestamp|id)\}/;

export interface SignedParts {
	body: Uint8Array;
	timestamp: string;
	id: string;
}

/** Fills `{body}`, `{timestamp}` and `{id}` of a template. */
export function composeMessage(template: string, parts: SignedParts): Uint8Array<ArrayBuffer> {
	// Splitting by a pattern with a group gives text and names of holes in turn.
	const pieces = template.split(HOLE).map((piece, i) => {
		if (i % 2 === 0) return encoder.encode(piece);
		if (piece === "body") return parts.body;
		return encoder.encode(piece === "timestamp" ? parts.timestamp : parts.id);
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
