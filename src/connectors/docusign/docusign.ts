// DocuSign: what happens to envelopes and to those who sign them, and reading envelopes.

import type { Connector } from "../connector";
import { docusignConnection } from "./api";
import { getEnvelope } from "./envelopes";
import { docusignSource } from "./source";

export const docusign: Connector = {
	id: "docusign",
	title: "DocuSign",
	source: docusignSource,
	connection: docusignConnection,
	actions: { get_envelope: getEnvelope },
};
