// What goes over the actions queues, noted on its way.

import { env } from "cloudflare:workers";
import type { ActionMessage } from "../../../src/model/message";

type Sending = Parameters<Queue<ActionMessage>["sendBatch"]>[0];

/** The steps that were sent while `during` ran, as `workflow.step`, by queue. */
export async function watchQueues(during: () => Promise<void>): Promise<{ normal: string[]; urgent: string[] }> {
	const { ACTIONS, ACTIONS_URGENT } = env;
	const noted = { normal: [] as string[], urgent: [] as string[] };
	const watch = (queue: Queue<ActionMessage>, list: string[]) => ({
		sendBatch: async (messages: Sending) => {
			const all = [...messages];
			list.push(...all.map(({ body: { run, step } }) => `${run.split(".")[1]}.${step}`));
			return queue.sendBatch(all);
		},
	});
	Object.assign(env, { ACTIONS: watch(ACTIONS, noted.normal), ACTIONS_URGENT: watch(ACTIONS_URGENT, noted.urgent) });
	try {
		await during();
	} finally {
		Object.assign(env, { ACTIONS, ACTIONS_URGENT });
	}
	return noted;
}
