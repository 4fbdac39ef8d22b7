// Globs of event types: `*` stands for any characters, everything else for itself.

/** The literal pieces between the stars, in order. */
export type Glob = readonly string[];

export function parseGlob(text: string): Glob {
	return text.split("*");
}

/** Each piece is looked for once, from where the one before it ended: no text makes this slow. */
export function matchesGlob([first = "", ...rest]: Glob, text: string): boolean {
	const last = rest.pop();
	if (last === undefined) return text === first;
	if (!text.startsWith(first)) return false;
	let at = first.length;
	for (const piece of rest) {
		const found = text.indexOf(piece, at);
		if (found === -1) return false;
		at = found + piece.length;
	}
	return text.length - last.length >= at && text.endsWith(last);
}
