// What stands in `examples/events/`: who sends and what, and where a workflow's actions go.

import type { Vendor } from "./sign.ts";

export interface ExampleEvents {
	/** By name. Without a secret of its own it has that of `secretOf`. */
	sources: Record<string, { connector: Vendor; config?: object }>;
	/** By name. `urls`: the settings that say where it leads, `base_url` if they are not there. */
	connections: Record<string, { connector: string; config?: object; credentials?: object; urls?: string[] }>;
	/** By connection: what its system answers, in order, and the last again and again. */
	answers: Record<string, { status: number; body: unknown }[]>;
	/** `after`: how much later than the one before, like 90s. */
	deliveries: { about: string; source: string; headers?: Record<string, string>; body: unknown; after?: string }[];
}

/** A secret that is one in every scheme. */
export function secretOf(source: string): string {
	return `whsec_${btoa(`the example's secret of ${source}`.padEnd(32, "."))}`;
}

/** The settings of a connection whose system is at `url`. */
export function configAt(
	url: string,
	{ config, urls = ["base_url"] }: ExampleEvents["connections"][string],
): Record<string, unknown> {
	return { ...config, ...Object.fromEntries(urls.map((name) => [name, url])) };
}
