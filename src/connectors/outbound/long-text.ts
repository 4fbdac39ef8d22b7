// Texts that people wrote, as a part of what an action gives.

/** As much text as is worth keeping in a run. */
const MAX_CHARS = 16_384;

export function longText(text: string): string {
	return text.slice(0, MAX_CHARS).toWellFormed();
}

/** Null where there is none. */
export function longTextOrNull(text: string | undefined): string | null {
	return text === undefined ? null : longText(text);
}
