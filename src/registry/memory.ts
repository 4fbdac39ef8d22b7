// What an isolate remembers of things that are loaded: fresh ones are answered at once, stale ones are answered at
// once and loaded again meanwhile, old ones are loaded first. One load per key is in flight. If loading fails, what
// was known before is served for a bounded time. `now` is passed in; the only timer bounds how long anyone waits.

import { Lru } from "./lru";

/** Milliseconds of age up to which a value is fresh, may be served while it is loaded again, or if it cannot be. */
export interface Ages {
	fresh: number;
	stale: number;
	fallback: number;
}

export interface MemoryOptions {
	ages: Ages;
	/** How many values are kept. What does not exist is kept apart, so that asking for it displaces nothing. */
	capacity: number;
	/** How long anyone waits for a load, in milliseconds. */
	patience: number;
	/** Keeps a load alive when the request that started it has ended. */
	keepAlive: (load: Promise<unknown>) => void;
}

/** Configuration could not be read and no usable copy is at hand: try again later. */
export class RegistryUnavailable extends Error {
	readonly tag = "registry_unavailable";
	override readonly name = "RegistryUnavailable";

	/** For whatever else went wrong; the message repeats it, since logs show messages and not causes. */
	static because(cause: unknown): RegistryUnavailable {
		if (cause instanceof RegistryUnavailable) return cause;
		return new RegistryUnavailable(`the registry could not be read: ${String(cause)}`, { cause });
	}
}

interface Entry<V> {
	value: V | null;
	loadedAt: number;
	failedAt: number;
}

interface Loading<V> {
	since: number;
	result: Promise<V | null>;
}

/** Loads a value; null if it does not exist. Gets the value that is known, to compare with. */
export type Load<V> = (known: V | null) => Promise<V | null>;

export class Memory<V> {
	readonly #options: MemoryOptions;
	readonly #found: Lru<Entry<V>>;
	readonly #missing: Lru<Entry<V>>;
	readonly #loading = new Map<string, Loading<V>>();

	constructor(options: MemoryOptions) {
		this.#options = options;
		this.#found = new Lru(options.capacity);
		this.#missing = new Lru(options.capacity);
	}

	/**
	 * Rejects with `RegistryUnavailable` if it has to load and cannot, or not in time. With `since`, what was loaded before
	 * that does not count.
	 */
	get(key: string, now: number, load: Load<V>, since = Number.NEGATIVE_INFINITY): V | null | Promise<V | null> {
		const { ages } = this.#options;
		const entry = this.#found.get(key) ?? this.#missing.get(key);
		if (entry === undefined || entry.loadedAt < since) return this.#wait(this.#load(key, now, load, since));
		const age = now - entry.loadedAt;
		if (age < ages.fresh) return entry.value;
		const usable = entry.value !== null && age < ages.fallback;
		if (usable && now - entry.failedAt < ages.fresh) return entry.value;
		const loading = this.#load(key, now, load);
		if (age < ages.stale) return entry.value;
		return this.#wait(loading).catch((error) => {
			if (usable) return entry.value;
			throw error;
		});
	}

	/** The next `get` loads. A load that is in flight is not remembered. */
	forget(key: string): void {
		this.#found.delete(key);
		this.#missing.delete(key);
		this.#loading.delete(key);
	}

	/** Joins the load that is in flight, or starts one. */
	#load(key: string, now: number, load: Load<V>, since = Number.NEGATIVE_INFINITY): Promise<V | null> {
		const inFlight = this.#loading.get(key);
		const isJoined = inFlight !== undefined && now - inFlight.since < this.#options.patience && inFlight.since >= since;
		if (isJoined) return inFlight.result;
		const loading: Loading<V> = { since: now, result: load(this.#found.get(key)?.value ?? null) };
		this.#loading.set(key, loading);
		const settled = loading.result.then(
			(value) => this.#settle(key, loading, { value, loadedAt: now, failedAt: Number.NEGATIVE_INFINITY }),
			() => this.#fail(key, loading, now),
		);
		this.#options.keepAlive(settled);
		return loading.result;
	}

	#settle(key: string, loading: Loading<V>, entry: Entry<V>): void {
		if (this.#loading.get(key) !== loading) return;
		this.forget(key);
		(entry.value === null ? this.#missing : this.#found).set(key, entry);
	}

	#fail(key: string, loading: Loading<V>, now: number): void {
		if (this.#loading.get(key) !== loading) return;
		this.#loading.delete(key);
		const entry = this.#found.get(key);
		if (entry !== undefined) entry.failedAt = now;
	}

	/**
	 * The timer belongs to the request that waits: a load that another request started may never settle for this one.
	 */
	async #wait(loading: Promise<V | null>): Promise<V | null> {
		let timer: ReturnType<typeof setTimeout> | undefined;
		const tooLong = new Promise<never>((_, reject) => {
			const give = () => reject(new RegistryUnavailable("the registry did not answer in time"));
			timer = setTimeout(give, this.#options.patience);
		});
		try {
			return await Promise.race([loading, tooLong]);
		} catch (error) {
			throw RegistryUnavailable.because(error);
		} finally {
			clearTimeout(timer);
		}
	}
}
