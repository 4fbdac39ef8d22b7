// Every binding, in wrangler.toml's order, and the settings, parsed once per isolate.

import type { ActionMessage, JournalMessage } from "./model/message";

export interface Env {
	DB: D1Database;
	ARCHIVE: R2Bucket;
	ENTITY: DurableObjectNamespace;
	CONNECTION: DurableObjectNamespace;
	LEDGER: DurableObjectNamespace;
	ACTIONS: Queue<ActionMessage>;
	ACTIONS_URGENT: Queue<ActionMessage>;
	JOURNAL: Queue<JournalMessage>;
	/** Mail of `email.send`; absent where the deployment sends none. */
	EMAIL?: SendEmail;
	/** Key-encryption keys, newest first: `id:base64,id:base64`. A secret. */
	VAULT_KEYS: string;
	/** SHA-256 in hex of the token that may do everything, tenants included. A secret. */
	ROOT_TOKEN_SHA256: string;
	/** Where this deployment is reached, like `https://signalbox.example.com`. Links to it are built only if it is set. */
	PUBLIC_URL?: string;
	/** `true` lets actions reach http, loopback and private addresses. For development only. */
	ALLOW_PRIVATE_EGRESS?: string;
}
