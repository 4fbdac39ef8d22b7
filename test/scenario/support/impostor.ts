// A server whose certificate is made for another name and signed by itself: nobody has a reason to trust it.

import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

export async function startImpostor(): Promise<{ url: string; close: () => Promise<void> }> {
	const server = createServer(selfSigned("somebody-else.example"), (_, response) => response.end('{"ok":true}'));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const close = () =>
		new Promise<void>((resolve) => {
			server.closeAllConnections();
			server.close(() => resolve());
		});
	return { url: `https://127.0.0.1:${port}`, close };
}

/** A certificate after RFC 5280, section 4.1, with as little in it as possible. */
function selfSigned(host: string): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const ecdsaWithSha256 = sequence(Buffer.from("06082a8648ce3d040302", "hex"));
	const commonName = Buffer.from("0603550403", "hex");
	const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(host)))));
	const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
	const spki = publicKey.export({ type: "spki", format: "der" });
	const version3 = der(0xa0, der(0x02, Buffer.of(2)));
	const tbs = sequence(version3, der(0x02, Buffer.of(1)), ecdsaWithSha256, name, validity, name, spki);
	const signature = der(0x03, Buffer.of(0), sign("sha256", tbs, privateKey));
	const cert = sequence(tbs, ecdsaWithSha256, signature).toString("base64");
	return {
		key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
	};
}

/** One value of DER, of less than 65,536 bytes. */
function der(tag: number, ...parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const { length } = body;
	const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.of(tag, ...size), body]);
}

function sequence(...parts: Buffer[]): Buffer {
	return der(0x30, ...parts);
}
