// The outside world of the scenarios, in Node: systems that answer as a test scripts them, and senders whose deliveries
// are signed by the vendors' own libraries. Tests and worker reach both over HTTP.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { freePort } from "../../../scripts/support/dev-server.ts";
import { type Answer, type Arrived, startReceiver } from "../../../scripts/support/receiver.ts";
import { type SignRequest, sign } from "../../../scripts/support/sign.ts";
import { startImpostor } from "./impostor.ts";

/** `slack_history`: the messages that were posted at this system, as Slack tells them. */
export type Scripted = Answer | "hang" | "slack_history";

declare module "vitest" {
	interface ProvidedContext {
		/**
		 * Where the systems are, where nobody is, who claims over TLS to be somebody else, and where tests give their
		 * orders.
		 */
		outside: { systems: string; nobody: string; impostor: string; control: string };
	}
}

/** Slack wants to hear all of it; other systems do not mind. */
const FINE: Scripted = { status: 200, body: { ok: true, channel: "C0", ts: "1.0" } };

export default async function startOutside(project: TestProject): Promise<() => Promise<void>> {
	const scripts = new Map<string, Scripted[]>();
	const receiver = await startReceiver((request) => {
		const answer = nextOf(scripts.get(placeOf(request.path)));
		return answer === "slack_history" ? historyOf(request, receiver.arrived) : answer;
	});
	const impostor = await startImpostor();
	const control = await startControl(async (order) => {
		switch (order.do) {
			case "script":
				return scripts.set(order.place, order.answers).size;
			case "arrived":
				return receiver.arrived.filter(({ path }) => placeOf(path) === order.place);
			case "sign":
				return sign(order);
		}
	});
	const nobody = `http://127.0.0.1:${await freePort()}`;
	project.provide("outside", { systems: receiver.url, nobody, impostor: impostor.url, control: control.url });
	return async () => {
		await control.close();
		await impostor.close();
		await receiver.close();
	};
}

export type Order =
	| { do: "script"; place: string; answers: Scripted[] }
	| { do: "arrived"; place: string }
	| ({ do: "sign" } & SignRequest);

/** `/acme/pager` of `/acme/pager/pages?urgent=1`: each tenant of each test has systems of its own. */
function placeOf(path: string): string {
	return path.split(/[/?]/).slice(0, 3).join("/");
}

/** Answers are given in order, and the last again and again. */
function nextOf(answers: Scripted[] = []): Scripted {
	return (answers.length > 1 ? answers.shift() : answers[0]) ?? FINE;
}

/** https://docs.slack.dev/reference/methods/conversations.history */
function historyOf({ path }: Arrived, arrived: readonly Arrived[]): Answer {
	const posted = arrived.filter((one) => one.acted && placeOf(one.path) === placeOf(path));
	const messages = posted.map(({ at, body }) => ({
		...JSON.parse(body),
		type: "message",
		ts: (at / 1_000).toFixed(6),
	}));
	return { status: 200, body: { ok: true, messages: messages.reverse(), has_more: false } };
}

async function startControl(
	obey: (order: Order) => Promise<unknown>,
): Promise<{ url: string; close: () => Promise<void> }> {
	const server: Server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", async () => {
			try {
				const said = await obey(JSON.parse(Buffer.concat(chunks).toString("utf8")) as Order);
				response.end(JSON.stringify(said));
			} catch (error) {
				response.writeHead(500).end(String(error));
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const close = () =>
		new Promise<void>((resolve) => {
			server.closeAllConnections();
			server.close(() => resolve());
		});
	return { url: `http://127.0.0.1:${port}`, close };
}
