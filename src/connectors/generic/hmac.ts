// Any sender that signs its body with HMAC: how it signs and how its events are read stand in the source's settings.

import { z } from "zod";
import { configReader } from "../config";
import type { Connector } from "../connector";
import { mappingShape, normalizeByMapping } from "../inbound/mapping";
import { checkHmac, hmacScheme, hmacShape, isTimed } from "./hmac-settings";

const Config = z.strictObject({ ...hmacShape, ...mappingShape }).superRefine(checkHmac);
const read = configReader(Config);

export const hmac: Connector = {
	id: "hmac",
	title: "Any sender, signed",
	source: {
		config: Config,
		trust: (config) => (isTimed(read(config)) ? "signed" : "signed_untimed"),
		verification: (config) => hmacScheme(read(config)),
		identified_by: "What `event_id` names.",
		own_writes: "By the actor ids in `own`.",
		vocabulary: [],
		normalize: (delivery, json, config) => normalizeByMapping(delivery, json, read(config)),
	},
};
