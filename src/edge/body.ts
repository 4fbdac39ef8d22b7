// The raw bytes of a request, at most so many. A stated Content-Length is the frame of the body: the platform delivers no
// byte beyond it. Without one the bytes are counted as they come, and reading stops at the first byte too many.

import { err, ok, type Result } from "../model/result";

export interface BodyProblem {
	status: 400 | 413 | 415;
	title: string;
	detail: string;
}

export async function readBody(request: Request, maxBytes: number): Promise<Result<Uint8Array, BodyProblem>> {
	const problem = headerProblem(request.headers, maxBytes);
	if (problem !== null) {
		discard(request.body);
		return err(problem);
	}
	if (request.body === null) return ok(new Uint8Array());
	try {
		if (statedLength(request.headers) !== null) return within(new Uint8Array(await request.arrayBuffer()), maxBytes);
		return await readAtMost(request.body.getReader(), maxBytes);
	} catch {
		return err({
			status: 400,
			title: "The body ended early",
			detail: "The connection broke before the body was complete. Send the delivery again.",
		});
	}
}

function headerProblem(headers: Headers, maxBytes: number): BodyProblem | null {
	const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
	if (encoding !== "" && encoding !== "identity") {
		return {
			status: 415,
			title: "The body is compressed",
			// Inflating could make kilobytes into gigabytes, and signatures cover what was sent, compressed or not.
			detail: "Content-Encoding is not supported here. Send the body as it is, without compression.",
		};
	}
	return (statedLength(headers) ?? 0) > maxBytes ? tooLarge(maxBytes) : null;
}

function statedLength(headers: Headers): number | null {
	const length = headers.get("content-length") ?? "";
	return /^\d+$/.test(length) ? Number(length) : null;
}

function within(bytes: Uint8Array, maxBytes: number): Result<Uint8Array, BodyProblem> {
	return bytes.byteLength > maxBytes ? err(tooLarge(maxBytes)) : ok(bytes);
}

async function readAtMost(
	reader: ReadableStreamDefaultReader<Uint8Array>,
	maxBytes: number,
): Promise<Result<Uint8Array, BodyProblem>> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return ok(joined(chunks, length));
		length += value.byteLength;
		if (length > maxBytes) {
			discard(reader);
			return err(tooLarge(maxBytes));
		}
		chunks.push(value);
	}
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
	const [only] = chunks;
	if (only !== undefined && chunks.length === 1) return only;
	const whole = new Uint8Array(length);
	let at = 0;
	for (const chunk of chunks) {
		whole.set(chunk, at);
		at += chunk.byteLength;
	}
	return whole;
}

function tooLarge(maxBytes: number): BodyProblem {
	return {
		status: 413,
		title: "The body is too large",
		detail: `At most ${maxBytes} bytes are accepted. Send less at once, or a reference instead of the content.`,
	};
}

/** Tells the sender to stop, and does not wait until it does. */
function discard(body: Pick<ReadableStreamDefaultReader, "cancel"> | null): void {
	body?.cancel().catch(() => {});
}
