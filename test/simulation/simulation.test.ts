import { expect, test } from "vitest";
import { History, type Options } from "./history";

function play(seed: number, o: Options = {}) {
	const history = new History(seed, o);
	history.play();
	return history;
}
test("x", { timeout: 600_000 }, () => {
	const from = Number(process.env.FROM ?? 1), n = Number(process.env.N ?? 300);
	const t0 = performance.now();
	let steps = 0;
	const found = new Map<string, number[]>();
	for (let seed = from; seed < from + n; seed++) {
		const history = new History(seed, {});
		try { history.play(); } catch (error) {
			const m = (error as Error).message.replace(/[0-9a-f]{32}/g, "#").replace(/\d{6,}/g, "N").slice(0, 100);
			found.set(m, [...(found.get(m) ?? []), seed]);
		}
		steps += history.world.steps;
	}
	const ms = performance.now() - t0;
	console.log(n, "histories", (ms / n).toFixed(3), "ms each", (steps / n).toFixed(0), "steps each");
	for (const [m, s] of [...found].sort((a, b) => b[1].length - a[1].length)) console.log(s.length, s.slice(0, 5).join(), m);
	expect(1).toBe(1);
});
test.runIf(process.env.SEED)("replay", () => {
	const history = new History(Number(process.env.SEED), { verbose: true });
	try { history.play(); } catch (error) { history.world.lines?.push(String((error as Error).stack)); }
	console.log(JSON.stringify(history.scenario, null, 1).slice(0, Number(process.env.SC ?? 0)));
	console.log(history.world.lines?.join("\n"));
});
