// Names of Durable Objects. Each is built here and nowhere else, from the tenant that was authenticated. The tenant's
// length stands in front, so that no two pairs of tenant and key ever share a name.

export function entityName(tenant: string, key: string): string {
	return join(tenant, key);
}

export function connectionName(tenant: string, connection: string): string {
	return join(tenant, connection);
}

export function ledgerName(tenant: string): string {
	return join(tenant, "");
}

/** The tenant of an object's name. Throws on a name that was not built here. */
export function tenantOf(name: string): string {
	return split(name).tenant;
}

/** What follows the tenant: an entity key or a connection. Throws on a name that was not built here. */
export function keyOf(name: string): string {
	return split(name).key;
}

function split(name: string): { tenant: string; key: string } {
	const digits = /^([1-9]\d{0,2}):/.exec(name)?.[1] ?? "";
	const start = digits.length + 1;
	const bar = start + Number(digits);
	if (digits === "" || name[bar] !== "|") throw new TypeError(`not the name of an object of a tenant: ${name}`);
	return { tenant: name.slice(start, bar), key: name.slice(bar + 1) };
}

function join(tenant: string, key: string): string {
	return `${tenant.length}:${tenant}|${key}`;
}

/** The workflow of a run's id: `run_<trace>.<workflow>`, and perhaps more after another dot. */
export function workflowOfRun(run: string): string {
	return run.split(".")[1] ?? "";
}
