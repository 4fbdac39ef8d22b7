// What an operator gives of a client that acts by OAuth 2, in the place of credentials that never change.

import { z } from "zod";

const Secret = z.string().min(1).max(8_192);

const TokenUrl = z
	.string()
	.max(2_000)
	.refine(isTokenUrl, "write a URL like https://auth.example.com/oauth/token, without credentials or fragment");

const shape = {
	token_url: TokenUrl.describe("Where tokens come from."),
	client_id: z.string().min(1).max(1_000),
	client_secret: Secret.optional(),
	refresh_token: Secret.optional().describe("From the consent that somebody gave."),
	scope: z.string().min(1).max(4_096).optional(),
	auth: z
		.enum(["basic", "body"])
		.default("basic")
		.describe("How the client says who it is: in the header `authorization`, or in the body."),
	grant: z.enum(["refresh_token", "client_credentials"]).default("refresh_token"),
	access_token: Secret.optional().describe("The first one, if there is one already."),
	expires_at: z.int().min(0).optional().describe("When it expires, epoch milliseconds."),
};

/** Where a vendor's tokens come from, if it is the same for everybody, and how its clients say who they are. */
export interface VendorOAuth {
	token_url?: string;
	auth?: "basic" | "body";
}

export const OAuth = settingsOf({});
export type OAuth = z.infer<typeof OAuth>;

/** Settings of which the vendor's need not be given. */
function settingsOf({ token_url, auth }: VendorOAuth) {
	return z
		.strictObject({
			...shape,
			token_url: token_url === undefined ? shape.token_url : shape.token_url.default(token_url),
			auth: auth === undefined ? shape.auth : shape.auth.unwrap().default(auth),
		})
		.refine(({ grant, refresh_token }) => grant !== "refresh_token" || refresh_token !== undefined, {
			path: ["refresh_token"],
			message: "the grant refresh_token needs one",
		})
		.refine(({ grant, client_secret }) => grant !== "client_credentials" || client_secret !== undefined, {
			path: ["client_secret"],
			message: "the grant client_credentials needs one",
		});
}

/** Credentials that are these; or OAuth, and of these what is wanted besides. */
export function orOAuth<Shape extends z.ZodRawShape>(credentials: z.ZodObject<Shape>, vendor: VendorOAuth = {}) {
	const oauth = settingsOf(vendor).optional();
	return z.strictObject({ ...credentials.partial().shape, oauth }).superRefine((given, context) => {
		if ((given as { oauth?: OAuth }).oauth !== undefined) return;
		const own = credentials.safeParse(given);
		for (const { path, message } of own.error?.issues ?? []) context.addIssue({ code: "custom", path, message });
	});
}

function isTokenUrl(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol)) return false;
	return url.username === "" && url.password === "" && !text.includes("#");
}
