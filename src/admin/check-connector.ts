// Whether what a source or a connection is given fits its connector. Each problem says where, and what would help.

import type { Connector } from "../connectors/connector";
import { connectors, findConnector } from "../connectors/index";
import { importKeys } from "../connectors/verify/keys";
import type { JsonObject } from "../model/json";
import type { ProblemDetail } from "./problem";
import { issuesOf } from "./validation";

export async function checkSource(input: {
	connector: string;
	config: JsonObject;
	secrets?: string[];
}): Promise<ProblemDetail[]> {
	const side = findConnector(input.connector)?.source;
	if (side === undefined) return [noSuchConnector(input.connector, (connector) => connector.source !== undefined)];
	const config = issuesOf(side.config.safeParse(input.config), "config");
	return config.length > 0 ? config : await checkSecrets(input, input.secrets ?? []);
}

/** A secret that cannot become a key would refuse every delivery. */
export async function checkSecrets(
	{ connector, config }: { connector: string; config: JsonObject },
	secrets: string[],
): Promise<ProblemDetail[]> {
	const side = findConnector(connector)?.source;
	if (side?.config.safeParse(config).success !== true) return [];
	const scheme = side.verification(config);
	if (scheme.kind !== "hmac") return [];
	const usable = await Promise.all(secrets.map(async (secret) => (await importKeys(scheme, [secret])).length > 0));
	return usable.flatMap((isUsable, index) =>
		isUsable ? [] : [{ path: `secrets[${index}]`, message: "is not a key; copy it again from the sending system" }],
	);
}

export function checkConnection(input: {
	connector: string;
	config: JsonObject;
	credentials?: JsonObject;
}): ProblemDetail[] {
	const side = findConnector(input.connector)?.connection;
	if (side === undefined) return [noSuchConnector(input.connector, (connector) => connector.connection !== undefined)];
	const credentials = input.credentials && issuesOf(side.credentials.safeParse(input.credentials), "credentials");
	return [...issuesOf(side.config.safeParse(input.config), "config"), ...(credentials ?? [])];
}

/** What a connection has that was given none, where its connector can do without. */
export function emptyCredentials(connector: string): JsonObject | undefined {
	return findConnector(connector)?.connection?.credentials.safeParse({}).data;
}

function noSuchConnector(id: string, serves: (connector: Connector) => boolean): ProblemDetail {
	const usable = Object.values(connectors).filter(serves);
	const names = usable.map((connector) => connector.id).sort();
	const reason = findConnector(id) === undefined ? `there is no connector ${id}` : `${id} cannot be used here`;
	return { path: "connector", message: `${reason}; use one of ${names.join(", ")}` };
}
