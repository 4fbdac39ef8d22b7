import fc from "fast-check";
import { expect, test } from "vitest";
import { type Claimant, fairShares } from "../../../src/core/pacing/shares";

function claims(...wants: [string, number, number?][]): Claimant[] {
	return wants.map(([name, wanted, turns = 0]) => ({ name, wants: wanted, turns }));
}

test.each<[string, Claimant[], number, Record<string, number>]>([
	["enough for all", claims(["a", 3], ["b", 4]), 10, { a: 3, b: 4 }],
	["less than wanted", claims(["a", 20], ["b", 20]), 10, { a: 5, b: 5 }],
	["one who wants little", claims(["a", 20], ["b", 2]), 10, { a: 8, b: 2 }],
	["three steps of modesty", claims(["a", 1], ["b", 4], ["c", 20]), 12, { a: 1, b: 4, c: 7 }],
	["nothing to give", claims(["a", 5]), 0, { a: 0 }],
	["nothing wanted", claims(["a", 0], ["b", 2]), 5, { a: 0, b: 2 }],
	["no end to give", claims(["a", 5]), Infinity, { a: 5 }],
	["one for two, who has waited", claims(["a", 5, 0], ["b", 5, 2]), 1, { a: 0, b: 1 }],
	["a rest that cannot be divided", claims(["a", 5, 1], ["b", 5, 0], ["c", 5, 3]), 5, { a: 2, b: 1, c: 2 }],
])("%s", (_, claimants, capacity, shares) => {
	expect(Object.fromEntries(fairShares(claimants, capacity))).toEqual(shares);
});

const claimants = fc
	.array(fc.record({ wants: fc.nat(50), turns: fc.nat(5) }), { maxLength: 12 })
	.map((all) => all.map((one, n) => ({ name: `w${n}`, ...one })));

test("all that there is goes out, nobody gets more than it wants, and nobody envies anybody more than one", () => {
	fc.assert(
		fc.property(claimants, fc.nat(200), (claimants, capacity) => {
			const shares = fairShares(claimants, capacity);
			const wanted = claimants.reduce((sum, { wants }) => sum + wants, 0);
			const given = [...shares.values()].reduce((sum, share) => sum + share, 0);
			expect(given).toBe(Math.min(wanted, capacity));
			const most = Math.max(0, ...shares.values());
			for (const { name, wants } of claimants) {
				const share = shares.get(name) ?? 0;
				expect(share).toBeLessThanOrEqual(wants);
				if (share < wants) expect(share).toBeGreaterThanOrEqual(most - 1);
			}
		}),
	);
});

test("whoever came away with nothing has its turn, however many there are", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 }), (count, capacity) => {
			const turns = new Map(Array.from({ length: count }, (_, n) => [`w${n}`, 0]));
			const served = new Set<string>();
			for (let round = 0; round < Math.ceil(count / capacity); round++) {
				const shares = fairShares(
					[...turns].map(([name, turns]) => ({ name, wants: 9, turns })),
					capacity,
				);
				for (const [name, share] of shares) {
					if (share > 0) served.add(name);
					turns.set(name, share > 0 ? 0 : (turns.get(name) ?? 0) + 1);
				}
			}
			expect(served.size).toBe(count);
		}),
	);
});
