// One HTTP exchange: a time-out over all of it, no redirects, and no more of the answer than is worth keeping.

import type { OutboundRequest, OutboundResponse } from "../connectors/connector";
import { err, ok, type Result } from "../model/result";

/** More of an answer than this is not read: a target must not fill our memory. */
const RESPONSE_BYTES = 1_048_576;

export interface NoAnswer {
	reason: string;
	timed_out: boolean;
}

/** The response, or the fact that none arrived in full: then nobody knows what the target did. */
export async function send(
	url: URL,
	request: OutboundRequest,
	timeoutMs: number,
): Promise<Result<OutboundResponse, NoAnswer>> {
	const signal = AbortSignal.timeout(timeoutMs);
	try {
		const response = await fetch(url, {
			method: request.method,
			headers: request.headers,
			body: request.body,
			redirect: "manual",
			signal,
		});
		return ok({
			status: response.status,
			headers: Object.fromEntries(response.headers),
			body: await readCapped(response),
		});
	} catch (error) {
		if (signal.aborted) return err({ reason: `no answer within ${timeoutMs} ms`, timed_out: true });
		return err({ reason: `the connection failed: ${causeOf(error)}`, timed_out: false });
	}
}

/**
 * What fails below HTTP, the platform calls an internal error, with a reference of its own each time. Reasons say what
 * it means instead, and so that equal failures read alike.
 */
function causeOf(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return /^internal error/.test(text) ? "its name could not be looked up, or no TLS could be agreed on" : text;
}

/** A stated length is the frame of the body, unless the body is compressed: then it says nothing of what comes out. */
function isSmall({ headers }: Response): boolean {
	const length = headers.get("content-length") ?? "";
	return /^\d+$/.test(length) && Number(length) <= RESPONSE_BYTES && !headers.has("content-encoding");
}

async function readCapped(response: Response): Promise<string> {
	if (response.body === null) return "";
	if (isSmall(response)) return response.text();
	const decoder = new TextDecoder();
	let text = "";
	let bytes = 0;
	for await (const chunk of response.body as ReadableStream<Uint8Array>) {
		text += decoder.decode(chunk, { stream: true });
		bytes += chunk.byteLength;
		if (bytes > RESPONSE_BYTES) break;
	}
	return text + decoder.decode();
}
