// The admin API, called over HTTP as anybody would.

export interface Api {
	put: (path: string, body: unknown) => Promise<unknown>;
	post: (path: string, body?: unknown, contentType?: string) => Promise<unknown>;
	get: (path: string) => Promise<unknown>;
}

/** Paths are below `/admin/v1`. An answer that is no success throws with its problem body. */
export function apiOf(url: string, token: string): Api {
	const call = async (method: string, path: string, body?: string, contentType = "application/json") => {
		const answer = await fetch(`${url}/admin/v1${path}`, {
			method,
			headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": contentType }) },
			...(body === undefined ? {} : { body }),
		});
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
		return text === "" ? null : (JSON.parse(text) as unknown);
	};
	return {
		get: (path) => call("GET", path),
		put: (path, body) => call("PUT", path, JSON.stringify(body)),
		post: (path, body, contentType) =>
			call("POST", path, typeof body === "string" ? body : JSON.stringify(body ?? {}), contentType),
	};
}
