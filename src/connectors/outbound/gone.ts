// Whether a 404 says that there is nothing left to take back.

import type { OutboundResponse } from "../connector";
import { parseAnswer } from "./answer";

/** True if it is the system's own word, which is JSON: the page of a proxy on the way says nothing of what is there. */
export function isGone({ status, body }: OutboundResponse): boolean {
	const said = status === 404 ? parseAnswer(body) : undefined;
	return typeof said === "object" && said !== null;
}
