// A target in Node that answers as a test scripts it, down to the socket: late, never, half, too much, or not at all.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { TestProject } from "vitest/node";

/** What to do with one request. */
export type Answer = {
	status?: number;
	headers?: Record<string, string>;
	/** Anything but a string is sent as JSON. */
	body?: unknown;
	/** Milliseconds before the answer. */
	after?: number;
	/**
	 * `hang`: never answers. `reset`: breaks the connection without an answer. `cut`: breaks it after half of the body.
	 * `drip`: sends the body a character at a time, with 50 ms in between. `flood`: sends it a thousand times.
	 * `bomb`: sends it ten thousand times, compressed.
	 */
	ill?: "hang" | "reset" | "cut" | "drip" | "flood" | "bomb";
};

export interface Arrived {
	/** The order of arrival, over all places. */
	nth: number;
	method: string;
	path: string;
	headers: Record<string, string>;
	body: string;
}

export type Order = { do: "script"; place: string; answers: Answer[] } | { do: "arrived"; place: string };

declare module "vitest" {
	interface ProvidedContext {
		/** The target's address. Paths begin with a place, which is a test's own. */
		receiver: string;
	}
}

const CONTROL = "/_control";

export default async function startReceiver(project: TestProject): Promise<() => void> {
	const scripts = new Map<string, Answer[]>();
	const arrived: Arrived[] = [];
	const server = createServer(async (request, response) => {
		const one = { nth: arrived.length, ...(await read(request)) };
		if (one.path === CONTROL) {
			response.end(JSON.stringify(obey(JSON.parse(one.body))));
			return;
		}
		arrived.push(one);
		setTimeout(give, next(one).after ?? 0, response, next(one));
		const script = scripts.get(placeOf(one));
		if (script !== undefined && script.length > 1) script.shift();
	});
	const next = (request: Arrived): Answer => scripts.get(placeOf(request))?.[0] ?? {};
	const obey = (order: Order): unknown => {
		if (order.do === "arrived") return arrived.filter((one) => placeOf(one) === order.place);
		scripts.set(order.place, order.answers);
		return null;
	};
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	project.provide("receiver", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	return () => {
		server.closeAllConnections();
		server.close();
	};
}

function placeOf({ path }: Arrived): string {
	return path.split(/[/?]/)[1] ?? "";
}

async function read(request: IncomingMessage): Promise<Omit<Arrived, "nth">> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
	return {
		method: request.method ?? "",
		path: request.url ?? "",
		headers: Object.fromEntries(headers),
		body: Buffer.concat(chunks).toString("utf8"),
	};
}

function give(response: ServerResponse, { status = 200, headers, body = { ok: true }, ill }: Answer): void {
	const text = typeof body === "string" ? body : JSON.stringify(body);
	if (ill === "hang") return;
	if (ill === "reset") {
		response.socket?.resetAndDestroy();
		return;
	}
	const unpacked = { "content-type": "application/json", ...headers };
	if (ill === "bomb") {
		response.writeHead(status, { ...unpacked, "content-encoding": "gzip" }).end(gzipSync(text.repeat(10_000)));
		return;
	}
	response.writeHead(status, unpacked);
	switch (ill) {
		case undefined:
			response.end(text);
			break;
		case "cut":
			response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
			break;
		case "drip":
			drip(response, text);
			break;
		case "flood":
			for (let times = 0; times < 1_000; times++) response.write(text);
			response.end();
			break;
	}
}

function drip(response: ServerResponse, text: string): void {
	if (text === "" || response.destroyed) {
		response.end();
		return;
	}
	response.write(text.slice(0, 1));
	setTimeout(drip, 50, response, text.slice(1));
}
