// What tells our mails apart at SendGrid: custom arguments, which come back in every event of a mail.

import type { Mark } from "../connector";

export const ARGUMENT = "signalbox_run";

export function argumentsOf({ run, idempotency_key }: Mark): Record<string, string> {
	return { [ARGUMENT]: run, signalbox_key: idempotency_key };
}
