// The routes of the admin API as its description tells them.

import { call } from "./admin";

export interface Route {
	method: string;
	path: string;
	/** The scope that it needs; `root` for the root token, null if it needs none. */
	scope: string | null;
	/** All scopes of which it needs one. */
	scopes: string[];
	// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI operation, read member by member
	operation: any;
}

export async function describedRoutes(): Promise<Route[]> {
	const { body } = await call("GET", "/openapi.json", { token: null });
	return Object.entries(body.paths).flatMap(([path, item]) =>
		Object.entries(item as Record<string, Route["operation"]>).map(([method, operation]) => ({
			...{ method: method.toUpperCase(), path, operation },
			scope: operation.security?.[0]?.token?.[0] ?? null,
			scopes: (operation.security ?? []).flatMap(({ token }: { token: string[] }) => token),
		})),
	);
}
