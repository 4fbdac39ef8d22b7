// Any sender that cannot sign but can send a secret along. Whoever sees one delivery can make others, so what comes in
// this way is worth little more than a hint.

import { z } from "zod";
import { configReader } from "../config";
import type { Connector } from "../connector";
import { mappingShape, normalizeByMapping } from "../inbound/mapping";
import { checkToken, tokenScheme, tokenShape } from "./token-settings";

const Config = z.strictObject({ ...tokenShape, ...mappingShape }).superRefine(checkToken);
const read = configReader(Config);

export const token: Connector = {
	id: "token",
	title: "Any sender, with a shared token",
	source: {
		config: Config,
		trust: () => "token",
		verification: (config) => tokenScheme(read(config)),
		identified_by: "What `event_id` names.",
		own_writes: "By the actor ids in `own`.",
		vocabulary: [],
		normalize: (delivery, json, config) => normalizeByMapping(delivery, json, read(config)),
	},
};
