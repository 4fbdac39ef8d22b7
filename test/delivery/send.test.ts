// One exchange over a real connection: what arrived in full is a response, anything less is not.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OutboundRequest } from "../../src/connectors/connector";
import { send } from "../../src/delivery/send";

const MEGABYTE = 1_048_576;

let base = "";
let seen: { method: string; headers: Record<string, unknown>; body: string }[] = [];

const answers: Record<string, (response: ServerResponse) => void> = {
	"/fine": (response) => response.writeHead(201, { "X-Answer": "Yes" }).end('{"ok":true}'),
	"/empty": (response) => response.writeHead(204).end(),
	"/moved": (response) => response.writeHead(302, { location: "/fine" }).end(),
	"/hang": () => {},
	"/stall": (response) => response.writeHead(200).write("half"),
	"/reset": (response) => response.socket?.resetAndDestroy(),
	"/cut": (response) => {
		response.writeHead(200, { "content-length": "100" }).write("half", () => response.socket?.resetAndDestroy());
	},
	"/endless": (response) => {
		response.writeHead(200);
		const more = () => {
			if (!response.destroyed) response.write("x".repeat(65_536), more);
		};
		more();
	},
	"/bomb": (response) => {
		response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(20 * MEGABYTE, "x")));
	},
	"/split": (response) => {
		const bytes = Buffer.from("né🚂");
		response.writeHead(200);
		for (const byte of bytes) response.write(Buffer.of(byte));
		response.end();
	},
};

const server = createServer(async (request, response) => {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	seen.push({ method: request.method ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
	answers[request.url ?? ""]?.(response);
});

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
	server.closeAllConnections();
	server.close();
});

function sendTo(path: string, timeoutMs = 5_000, parts: Partial<OutboundRequest> = {}) {
	const url = new URL(path, base);
	seen = [];
	const request: OutboundRequest = {
		method: "POST",
		url: url.href,
		headers: { "idempotency-key": "sb_1", "content-type": "application/json" },
		secret_headers: [],
		body: '{"a":1}',
		...parts,
	};
	return send(url, request, timeoutMs);
}

test("the request arrives as it is, and the answer comes back with its headers in lower case", async () => {
	const sent = await sendTo("/fine");
	expect(sent).toMatchObject({ ok: true, value: { status: 201, headers: { "x-answer": "Yes" }, body: '{"ok":true}' } });
	expect(seen).toMatchObject([{ method: "POST", headers: { "idempotency-key": "sb_1" }, body: '{"a":1}' }]);
});

test("a request without a body has none", async () => {
	await sendTo("/fine", 5_000, { method: "GET", body: null });
	expect(seen).toMatchObject([{ method: "GET", body: "" }]);
});

test("an answer without a body has an empty one", async () => {
	expect(await sendTo("/empty")).toMatchObject({ ok: true, value: { status: 204, body: "" } });
});

test("a redirect is an answer, and is not followed", async () => {
	expect(await sendTo("/moved")).toMatchObject({ ok: true, value: { status: 302, headers: { location: "/fine" } } });
	expect(seen).toHaveLength(1);
});

test("characters that arrive in pieces are whole", async () => {
	expect(await sendTo("/split")).toMatchObject({ ok: true, value: { body: "né🚂" } });
});

test.each(["/endless", "/bomb"])("no more than a megabyte of %s is read", async (path) => {
	const sent = await sendTo(path);
	expect(sent.ok && sent.value.body.length).toBeGreaterThanOrEqual(MEGABYTE);
	expect(sent.ok && sent.value.body.length).toBeLessThan(2 * MEGABYTE);
});

test.each(["/hang", "/stall"])("%s is a time-out", async (path) => {
	expect(await sendTo(path, 150)).toEqual({ ok: false, error: { reason: "no answer within 150 ms", timed_out: true } });
});

test.each(["/reset", "/cut"])("%s is no answer", async (path) => {
	expect(await sendTo(path)).toMatchObject({
		ok: false,
		error: { timed_out: false, reason: expect.stringMatching(/^the connection failed: /) },
	});
});

test("where nobody listens there is no answer", async () => {
	const sent = await send(
		new URL("http://127.0.0.1:1/"),
		{ method: "GET", url: "", headers: {}, secret_headers: [], body: null },
		5_000,
	);
	expect(sent).toMatchObject({ ok: false, error: { timed_out: false } });
});
