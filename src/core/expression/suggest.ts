// "Did you mean …": the nearest of the names that are allowed, if one is near.

/** The candidate with the fewest edits, if they are few for the word's length. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
	let best: string | undefined;
	let fewest = Math.min(3, Math.max(1, Math.floor(word.length / 3))) + 1;
	for (const candidate of candidates) {
		const edits = editDistance(word.toLowerCase().slice(0, 64), candidate.toLowerCase().slice(0, 64));
		if (edits < fewest) [best, fewest] = [candidate, edits];
	}
	return best;
}

/** "; did you mean x?", or the list of what is allowed, or nothing where that is long. */
export function remedy(word: string, candidates: readonly string[]): string {
	const near = nearest(word, candidates);
	if (near !== undefined) return `did you mean ${near}?`;
	if (candidates.length < 2) return `only ${candidates[0] ?? "functions"} can be used here`;
	return `available here: ${candidates.join(", ")}`;
}

/** Insertions, deletions, substitutions, and swaps of neighbours, each one edit. */
function editDistance(a: string, b: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
			row.push(edits);
		}
		[beforeLast, last] = [last, row];
	}
	return last[b.length] ?? 0;
}
