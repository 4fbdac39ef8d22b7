// How stages reach each other's objects: a name and a set of calls, never a class.

import type { Env } from "./env";
import type { LedgerCalls } from "./model/ledger";
import type { ConnectionCalls, EntityCalls } from "./model/message";
import { connectionName, entityName, ledgerName } from "./model/names";

// The platform's own stub type unfolds every recursive JSON type that crosses it, without end; the calls are the contract.

export function entityOf(env: Pick<Env, "ENTITY">, tenant: string, key: string): EntityCalls {
	return env.ENTITY.getByName(entityName(tenant, key)) as unknown as EntityCalls;
}

export function connectionOf(env: Pick<Env, "CONNECTION">, tenant: string, name: string): ConnectionCalls {
	return env.CONNECTION.getByName(connectionName(tenant, name)) as unknown as ConnectionCalls;
}

export function ledgerOf(env: Pick<Env, "LEDGER">, tenant: string): LedgerCalls {
	return env.LEDGER.getByName(ledgerName(tenant)) as unknown as LedgerCalls;
}
