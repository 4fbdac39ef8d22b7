// Linear: webhooks, and issues and comments by its GraphQL API.

import type { Connector } from "../connector";
import { linearSource } from "./source";

export const linear: Connector = {
	id: "linear",
	title: "Linear",
	source: linearSource,
};
