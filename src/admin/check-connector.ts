// Whether what a source or a connection is given fits its connector. Each problem says where, and what would help.

import type { Connector } from "../connectors/connector";
import { objectAt } from "../connectors/inbound/read";
import { connectors, findConnector } from "../connectors/index";
import { canVerify } from "../connectors/verify/verify";
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

/** A secret that cannot become a key would refuse every delivery, and one that everybody knows would refuse none. */
export async function checkSecrets(
	{ connector, config }: { connector: string; config: JsonObject },
	secrets: string[],
): Promise<ProblemDetail[]> {
	const side = findConnector(connector)?.source;
	if (side?.config.safeParse(config).success !== true) return [];
	const scheme = side.verification(config);
	const usable = await Promise.all(secrets.map((secret) => canVerify(scheme, secret)));
	return secrets.flatMap((secret, index) => {
		const path = `secrets[${index}]`;
		if (side.refused_secrets?.includes(secret)) return [{ path, message: PUBLIC_SECRET }];
		return usable[index] ? [] : [{ path, message: "is not a key; copy it again from the sending system" }];
	});
}

const PUBLIC_SECRET = "is published for tries and known to everybody; copy the one that the sending system has made";

/** True if the system of that connector chooses the signing secret and sends it. */
export function handsOverSecret(connector: string): boolean {
	return findConnector(connector)?.source?.hands_over_secret !== undefined;
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

/**
 * Credentials as they are kept: as they were given, with what is the same for all of the vendor's clients where it was not.
 * Nothing else is added, since other settings mean other tokens.
 */
export function readCredentials(connector: string, credentials: JsonObject): JsonObject {
	const read = findConnector(connector)?.connection?.credentials.parse(credentials);
	const given = objectAt(credentials, "oauth");
	const oauth = objectAt(read, "oauth");
	if (given === undefined || oauth === undefined) return credentials;
	const { token_url = null, auth = null } = oauth;
	return { ...credentials, oauth: { token_url, ...(auth !== "basic" && { auth }), ...given } };
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
