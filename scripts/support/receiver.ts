// The outside world: a local HTTP server that records what arrives and answers as its script says.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Arrived {
	at: number;
	method: string;
	path: string;
	headers: Record<string, string>;
	body: string;
	/** What was answered; null where nothing was. */
	status: number | null;
}

export interface Answer {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
	/** Milliseconds before the answer. */
	after?: number;
}

/** How to answer the n-th request (from 1) of an idempotency key; `hang` never answers. */
export type Script = (request: Arrived, nth: number) => Answer | "hang";

export interface Receiver {
	url: string;
	port: number;
	arrived: Arrived[];
	close: () => Promise<void>;
}

export async function startReceiver(script: Script, port = 0): Promise<Receiver> {
	const arrived: Arrived[] = [];
	const seen = new Map<string, number>();
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
			const one: Arrived = {
				at: Date.now(),
				method: request.method ?? "",
				path: request.url ?? "",
				headers,
				body: Buffer.concat(chunks).toString("utf8"),
				status: null,
			};
			const key = `${one.path} ${headers["idempotency-key"] ?? ""}`;
			const nth = (seen.get(key) ?? 0) + 1;
			seen.set(key, nth);
			arrived.push(one);
			answer(response, one, script(one, nth));
		});
	});
	await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
	const address = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${address.port}`, port: address.port, arrived, close: () => close(server) };
}

function answer(response: ServerResponse, request: Arrived, what: Answer | "hang"): void {
	if (what === "hang") return;
	request.status = what.status;
	setTimeout(() => {
		const text = typeof what.body === "string" ? what.body : JSON.stringify(what.body ?? { ok: true });
		response.writeHead(what.status, { "content-type": "application/json", ...what.headers }).end(text);
	}, what.after ?? 0);
}

function close(server: Server): Promise<void> {
	server.closeAllConnections();
	return new Promise((resolve) => server.close(() => resolve()));
}
