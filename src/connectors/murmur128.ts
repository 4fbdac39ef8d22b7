// MurmurHash3 (x64, 128 bits), for keys and ids that must be equal wherever they are made. Well spread, quick, and not meant
// to withstand anybody.

const BLOCK = 16;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** 32 hex digits. */
export function murmur128(bytes: Uint8Array): string {
	// Filled up with zeros, which leave the state as it is.
	const padded = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
	padded.set(bytes);
	const words = new DataView(padded.buffer);
	let [a, b] = [0n, 0n];
	for (let at = 0; at < padded.length; at += BLOCK) {
		const isWhole = at + BLOCK <= bytes.length;
		a ^= u64(turned(u64(words.getBigUint64(at, true) * C1), 31n) * C2);
		if (isWhole) a = u64((turned(a, 27n) + b) * 5n + 0x52dce729n);
		b ^= u64(turned(u64(words.getBigUint64(at + 8, true) * C2), 33n) * C1);
		if (isWhole) b = u64((turned(b, 31n) + a) * 5n + 0x38495ab5n);
	}
	const length = BigInt(bytes.length);
	[a, b] = folded(a ^ length, b ^ length);
	[a, b] = folded(avalanche(a), avalanche(b));
	return [a, b].map((word) => word.toString(16).padStart(16, "0")).join("");
}

function u64(value: bigint): bigint {
	return BigInt.asUintN(64, value);
}

function turned(word: bigint, by: bigint): bigint {
	return u64(word << by) | (word >> (64n - by));
}

function folded(a: bigint, b: bigint): [bigint, bigint] {
	const sum = u64(a + b);
	return [sum, u64(b + sum)];
}

function avalanche(word: bigint): bigint {
	const once = u64((word ^ (word >> 33n)) * 0xff51afd7ed558ccdn);
	const twice = u64((once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n);
	return twice ^ (twice >> 33n);
}
