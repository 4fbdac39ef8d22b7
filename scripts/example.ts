// `npm run example -- ticket-escalated`: publishes a document of `examples/` at the service that `npm run dev` runs, plays its
// events, and shows what goes out to a small outside world on loopback. It stays up until Ctrl-C.
// `SIGNALBOX_URL` names a service that runs elsewhere.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { apiOf } from "./support/api.ts";
import { configAt, type ExampleEvents, secretOf } from "./support/example.ts";
import { type Answer, startReceiver } from "./support/receiver.ts";
import { sign } from "./support/sign.ts";

const URL_OF_DEV = process.env.SIGNALBOX_URL ?? "http://127.0.0.1:8787";
const TOKEN_FILE = ".signalbox/root-token";
/** A tenant of its own for every run: ids that it has seen are known for seven days, and would show nothing again. */
const TENANT = `examples-${Date.now().toString(36)}`;
const BETWEEN_MS = 200;

function leave(text: string): never {
	console.error(text);
	process.exit(1);
}

function read(name: string): { document: string; events: ExampleEvents } {
	const names = readdirSync("examples/events").map((file) => file.replace(/\.json$/, ""));
	if (!names.includes(name)) leave(`Name one of: ${names.join(", ")}.`);
	if (!existsSync(TOKEN_FILE))
		leave("There is no root token: run npm run setup, then npm run dev in another terminal.");
	return {
		document: readFileSync(`examples/${name}.yaml`, "utf8"),
		events: JSON.parse(readFileSync(`examples/events/${name}.json`, "utf8")),
	};
}

async function mustAnswer(): Promise<void> {
	await fetch(`${URL_OF_DEV}/admin/v1/health`).catch(() =>
		leave(`no service at ${URL_OF_DEV}: run npm run dev in another terminal`),
	);
}

/** Each connection's system has a path of its own, and answers as the example says. */
async function startWorld({ connections, answers }: ExampleEvents) {
	const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
	const receiver = await startReceiver(({ method, path, body }) => {
		const [, name = "", ...rest] = path.split("/");
		const list = left.get(name) ?? [];
		const answer: Answer = (list.length > 1 ? list.shift() : list[0]) ?? { status: 200, body: { ok: true } };
		console.log(`  → ${name}: ${method} /${rest.join("/")} ${body}\n    answered ${answer.status}`);
		return answer;
	});
	const places = Object.keys(connections).map((name) => [name, `${receiver.url}/${name}`] as const);
	return new Map(places);
}

async function main(): Promise<void> {
	const { document, events } = read(process.argv[2] ?? "");
	const api = apiOf(URL_OF_DEV, readFileSync(TOKEN_FILE, "utf8").trim());
	await mustAnswer();
	const world = await startWorld(events);
	await api.put(`/tenants/${TENANT}`, {});
	for (const [name, { connector, config = {} }] of Object.entries(events.sources)) {
		await api.put(`/tenants/${TENANT}/sources/${name}`, { connector, config, secrets: [secretOf(name)] });
	}
	for (const [name, connection] of Object.entries(events.connections)) {
		const { connector, credentials = {} } = connection;
		const config = configAt(world.get(name) ?? "", connection);
		await api.put(`/tenants/${TENANT}/connections/${name}`, { connector, owner: "examples", config, credentials });
	}
	await api.post(`/tenants/${TENANT}/workflows`, document, "application/yaml");
	// Nobody has asked for this tenant before, so no isolate has an older copy of it to wait for.
	for (const [n, delivery] of events.deliveries.entries()) await deliver(events, delivery, n);
	console.log("What goes out is shown as it comes; the document's timing says when. Ctrl-C ends this.");
}

async function deliver({ sources }: ExampleEvents, delivery: ExampleEvents["deliveries"][number], n: number) {
	const { about, source, headers } = delivery;
	const url = `${URL_OF_DEV}/in/${TENANT}/${source}`;
	const body = JSON.stringify(delivery.body);
	const vendor = sources[source]?.connector ?? "token";
	const proof = await sign({ vendor, secret: secretOf(source), body, id: `example-${n}`, at: Date.now(), url });
	const answer = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/json", ...headers, ...proof },
		body,
	});
	console.log(`${source}: ${about} → ${answer.status} ${await answer.text()}`);
	await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
}

main().catch((error) => leave(error instanceof Error ? error.message : String(error)));
