// What is kept of a request and its response for whoever has to find out what happened: secrets redacted, bodies cut.

import type { OutboundRequest, OutboundResponse } from "../connectors/connector";
import type { Exchange } from "../model/outcome";

const BODY_CHARS = 4_096;
const MAX_HEADERS = 40;
const REDACTED = "[redacted]";
const SECRET_HEADERS = ["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"];

/** Secret values are also blotted out wherever else they stand: a target that echoes its credentials leaks nothing. */
export function exchangeOf(
	request: OutboundRequest,
	response: OutboundResponse | undefined,
	error: string | undefined,
): Exchange {
	const secretNames = new Set([...SECRET_HEADERS, ...request.secret_headers]);
	const secrets = Object.entries(request.headers)
		.filter(([name]) => secretNames.has(name.toLowerCase()))
		.flatMap(([, value]) => [value, value.replace(/^\S+\s+/, "")])
		.filter((value) => value.length >= 6);
	const blot = (text: string) => secrets.reduce((blotted, secret) => blotted.replaceAll(secret, REDACTED), text);
	const headersOf = (headers: Record<string, string>) =>
		Object.fromEntries(
			Object.entries(headers)
				.slice(0, MAX_HEADERS)
				.map(([name, value]) => [name, secretNames.has(name.toLowerCase()) ? REDACTED : cut(blot(value), 512)]),
		);
	return {
		request: {
			method: request.method,
			url: blot(request.url),
			headers: headersOf(request.headers),
			body: cut(blot(request.body ?? ""), BODY_CHARS),
		},
		...(response === undefined
			? {}
			: {
					response: {
						status: response.status,
						headers: headersOf(response.headers),
						body: cut(blot(response.body), BODY_CHARS),
					},
				}),
		...(error === undefined ? {} : { error: blot(error) }),
	};
}

function cut(text: string, chars: number): string {
	return text.length <= chars ? text : `${text.slice(0, chars)}… (${text.length - chars} more characters)`;
}
