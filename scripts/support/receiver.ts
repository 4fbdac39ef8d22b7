// The outside world: a local HTTP server that records what arrives and answers as its script says, down to the socket.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface Arrived {
	at: number;
	method: string;
	path: string;
	headers: Record<string, string>;
	body: string;
	/** What was answered; null where nothing was. */
	status: number | null;
	/** It took effect: what its script said to do was done, and for the first time under its key. */
	acted: boolean;
}

export interface Answer {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
	/** Milliseconds before the answer. */
	after?: number;
	/** The request takes effect, however it is answered, unless one under its idempotency key already has. */
	acts?: boolean;
	/**
	 * `reset`: breaks the connection without an answer. `cut`: breaks it after half of the body. `drip`: sends the body
	 * a character at a time, with 50 ms in between. `flood`: sends it a thousand times, without saying how long it is.
	 * `bomb`: sends it ten thousand times, compressed.
	 */
	ill?: "reset" | "cut" | "drip" | "flood" | "bomb";
}

/** How to answer the n-th request (from 1) of an idempotency key; `hang` never answers. */
export type Script = (request: Arrived, nth: number) => Answer | "hang";

export interface Receiver {
	url: string;
	port: number;
	arrived: Arrived[];
	close: () => Promise<void>;
}

const FLOOD = 1_000;
const BOMB = 10_000;
const DRIP_MS = 50;

export async function startReceiver(script: Script, port = 0): Promise<Receiver> {
	const arrived: Arrived[] = [];
	const seen = new Map<string, number>();
	const done = new Set<string>();
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const one = read(request, chunks);
			const key = `${one.path} ${one.headers["idempotency-key"] ?? ""}`;
			const nth = (seen.get(key) ?? 0) + 1;
			seen.set(key, nth);
			arrived.push(one);
			const answer = script(one, nth);
			if (answer === "hang") return;
			one.acted = answer.acts === true && !(one.headers["idempotency-key"] !== undefined && done.has(key));
			if (one.acted) done.add(key);
			one.status = answer.ill === "reset" ? null : answer.status;
			setTimeout(give, answer.after ?? 0, response, answer);
		});
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const address = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${address.port}`, port: address.port, arrived, close: () => close(server) };
}

function read(request: IncomingMessage, chunks: Buffer[]): Arrived {
	const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
	return {
		at: Date.now(),
		method: request.method ?? "",
		path: request.url ?? "",
		headers: Object.fromEntries(headers),
		body: Buffer.concat(chunks).toString("utf8"),
		status: null,
		acted: false,
	};
}

function give(response: ServerResponse, { status, headers, body = { ok: true }, ill }: Answer): void {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const begin = (more: Record<string, string> = {}) =>
		response.writeHead(status, { "content-type": "application/json", ...headers, ...more });
	switch (ill) {
		case undefined:
			begin().end(text);
			break;
		case "reset":
			response.socket?.resetAndDestroy();
			break;
		case "cut":
			begin({ "content-length": String(Buffer.byteLength(text)) });
			response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
			break;
		case "drip":
			begin();
			drip(response, text);
			break;
		case "flood":
			begin();
			for (let times = 0; times < FLOOD; times++) response.write(text);
			response.end();
			break;
		case "bomb":
			begin({ "content-encoding": "gzip" }).end(gzipSync(text.repeat(BOMB)));
			break;
	}
}

function drip(response: ServerResponse, text: string): void {
	if (text === "" || response.destroyed) {
		response.end();
		return;
	}
	response.write(text.slice(0, 1));
	setTimeout(drip, DRIP_MS, response, text.slice(1));
}

function close(server: Server): Promise<void> {
	server.closeAllConnections();
	return new Promise((resolve) => server.close(() => resolve()));
}
