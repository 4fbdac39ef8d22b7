// How much of a request is read, and what is refused unread.

import { describe, expect, test } from "vitest";
import { readBody } from "../../src/edge/body";

const MAX = 10;

function requestOf(body: BodyInit | null, headers: Record<string, string> = {}): Request {
	return new Request("https://in.test/", { method: "POST", body, headers, ...{ duplex: "half" } });
}

/** A body that comes in these chunks; `cancelled` is true once its reader gave up. */
function streamOf(chunks: (number[] | Error)[], forever = false) {
	const state = { pulled: 0, cancelled: false };
	const stream = new ReadableStream<Uint8Array>(
		{
			pull(controller) {
				const chunk = forever ? chunks[0] : chunks[state.pulled];
				state.pulled++;
				if (chunk === undefined) controller.close();
				else if (chunk instanceof Error) controller.error(chunk);
				else controller.enqueue(Uint8Array.from(chunk));
			},
			cancel() {
				state.cancelled = true;
			},
		},
		{ highWaterMark: 0 },
	);
	return { stream, state };
}

describe("a body", () => {
	test.each([
		["none", null, []],
		["an empty one", new Uint8Array(), []],
		["a short one", Uint8Array.of(1, 2, 255), [1, 2, 255]],
		["one of the greatest length", new Uint8Array(MAX), Array(MAX).fill(0)],
	])("is read to its last byte: %s", async (_, body, expected) => {
		const read = await readBody(requestOf(body), MAX);
		expect(read).toEqual({ ok: true, value: Uint8Array.from(expected) });
	});

	test("is put together from its chunks", async () => {
		const { stream } = streamOf([[1], [], [2, 3], [4]]);
		expect(await readBody(requestOf(stream), MAX)).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3, 4) });
	});

	test("that breaks off is refused, so that it is sent again", async () => {
		const { stream } = streamOf([[1], new Error("connection lost")]);
		expect(await readBody(requestOf(stream), MAX)).toMatchObject({
			ok: false,
			error: { status: 400, title: "The body ended early" },
		});
	});
});

describe("a body that is too long", () => {
	const tooLarge = {
		ok: false,
		error: {
			status: 413,
			title: "The body is too large",
			detail: "At most 10 bytes are accepted. Send less at once, or a reference instead of the content.",
		},
	};

	test.each([
		["by one byte", new Uint8Array(MAX + 1), {}],
		["although it says it is not", new Uint8Array(MAX + 1), { "content-length": "1" }],
		["as it says itself", Uint8Array.of(1), { "content-length": "11" }],
		["as it says itself, beyond all numbers", Uint8Array.of(1), { "content-length": "9".repeat(400) }],
	])("is refused: %s", async (_, body, headers) => {
		expect(await readBody(requestOf(body, headers), MAX)).toEqual(tooLarge);
	});

	test("is not read further, even if it never ends", async () => {
		const { stream, state } = streamOf([[1, 2, 3, 4]], true);
		expect(await readBody(requestOf(stream), MAX)).toEqual(tooLarge);
		expect(state).toEqual({ pulled: 3, cancelled: true });
	});

	test("is not read at all if it says how long it is", async () => {
		const { stream, state } = streamOf([[1, 2, 3, 4]], true);
		expect(await readBody(requestOf(stream, { "content-length": "5000" }), MAX)).toEqual(tooLarge);
		expect(state).toEqual({ pulled: 0, cancelled: true });
	});

	test.each([["words"], ["-5"], ["1e9"], [""]])("is not believed to be by a length of %s", async (length) => {
		const read = await readBody(requestOf(Uint8Array.of(1), { "content-length": length }), MAX);
		expect(read.ok).toBe(true);
	});
});

describe("a body that is encoded", () => {
	test.each([["gzip"], ["br"], ["deflate"], ["GZIP"], ["identity, gzip"], ["gzip, identity"], ["zstd"], ["x"]])(
		"with %s is refused unread",
		async (encoding) => {
			const { stream, state } = streamOf([[1]], true);
			expect(await readBody(requestOf(stream, { "content-encoding": encoding }), MAX)).toEqual({
				ok: false,
				error: {
					status: 415,
					title: "The body is compressed",
					detail: "Content-Encoding is not supported here. Send the body as it is, without compression.",
				},
			});
			expect(state).toEqual({ pulled: 0, cancelled: true });
		},
	);

	test.each([["identity"], ["Identity"], [""]])("with '%s' is not encoded at all", async (encoding) => {
		const read = await readBody(requestOf(Uint8Array.of(1), { "content-encoding": encoding }), MAX);
		expect(read).toEqual({ ok: true, value: Uint8Array.of(1) });
	});
});
