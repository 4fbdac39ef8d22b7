// SendGrid: sending mail, and what becomes of it.

import type { Connector } from "../connector";
import { sendgridConnection } from "./api";
import { sendEmail } from "./send";
import { sendgridSource } from "./source";

export const sendgrid: Connector = {
	id: "sendgrid",
	title: "SendGrid",
	source: sendgridSource,
	connection: sendgridConnection,
	actions: { send_email: sendEmail },
};
