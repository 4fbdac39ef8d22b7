/** What the work comes to, or `late` if that takes longer than so many milliseconds; then it goes on unheard. */
export async function within<T, L>(ms: number, work: Promise<T>, late: L): Promise<T | L> {
	const { promise, resolve } = Promise.withResolvers<L>();
	const timer = setTimeout(resolve, ms, late);
	return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
