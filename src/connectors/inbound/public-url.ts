// The address that a sender was given, for senders that sign it.

import { z } from "zod";

/** Exactly as it was entered there: host, port, path and query. */
export const PublicUrl = z
	.string()
	.max(2_000)
	.refine(isPublicUrl, "write the whole URL as it was entered there, like https://hooks.example.com/in/acme/crm?a=b");

function isPublicUrl(text: string): boolean {
	const url = URL.parse(text);
	return url !== null && /^https?:$/.test(url.protocol) && !/[\s#]/.test(text);
}
