// Pages of lists that are ordered by name: each starts after the last name of the one before, so that what is added
// or removed meanwhile neither repeats nor hides anything else.

export interface PageRequest {
	/** The last name of the page before; empty for the first page. */
	after: string;
	limit: number;
}

/** `next` is the `after` of the next page; null at the end. */
export interface NamedPage<T> {
	items: T[];
	next: string | null;
}

/** Makes a page of rows of which one more than `limit` was asked for. */
export function toPage<T>(rows: T[], limit: number, nameOf: (row: T) => string): NamedPage<T> {
	const items = rows.slice(0, limit);
	const last = items.at(-1);
	return { items, next: rows.length > limit && last !== undefined ? nameOf(last) : null };
}
