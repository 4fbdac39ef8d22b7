// Who gets how much of what is not enough for all: nobody gets more while somebody else, who wants it, has less.

export interface Claimant {
	name: string;
	wants: number;
	/** How often in a row it has come away with nothing. What cannot be divided goes to who has waited longest. */
	turns: number;
}

/** Max-min fair shares in whole steps, by name: all that there is, but no more than anybody wants. */
export function fairShares(claimants: readonly Claimant[], capacity: number): Map<string, number> {
	const shares = new Map(claimants.map(({ name }) => [name, 0]));
	let left = capacity;
	let open = claimants.filter(({ wants }) => wants > 0);
	while (left > 0 && open.length > 0) {
		const each = Math.floor(left / open.length);
		const served = each > 0 ? open : longestWaiting(open, left);
		for (const { name, wants } of served) {
			const has = shares.get(name) ?? 0;
			const more = Math.min(Math.max(each, 1), wants - has);
			shares.set(name, has + more);
			left -= more;
		}
		open = open.filter(({ name, wants }) => wants > (shares.get(name) ?? 0));
	}
	return shares;
}

function longestWaiting(claimants: readonly Claimant[], count: number): Claimant[] {
	return [...claimants].sort((a, b) => b.turns - a.turns).slice(0, count);
}
