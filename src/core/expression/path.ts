// Places in a document, as people write them: `steps[1].with.text`.

export type Path = readonly PropertyKey[];

export function pathText(path: Path): string {
	return path.reduce<string>((text, part) => {
		if (typeof part === "number") return `${text}[${part}]`;
		const name = String(part);
		if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${text}[${JSON.stringify(name.slice(0, 64))}]`;
		return text === "" ? name : `${text}.${name}`;
	}, "");
}
