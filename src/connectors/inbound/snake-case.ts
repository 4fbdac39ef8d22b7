// Names of other systems in our spelling.

/** `IssueSLA`, `issue-sla` and `Issue SLA` are all `issue_sla`. Empty if there is neither letter nor digit in it. */
export function snakeCase(name: string): string {
	return name
		.replace(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
		.replace(/[^A-Za-z0-9]+/g, "_")
		.replace(/^_|_$/g, "")
		.toLowerCase();
}
