/** The parts of a URN: `urn:pulumi:<stack>::<project>::<types>::<name>`. */
export interface Urn {
	stack: string;
	project: string;
	/** The types of the resource and of the components around it, separated by `$`. */
	types: string;
	name: string;
}

/** Splits a URN. The name comes last, because only a name can contain `::`. */
export function parseUrn(urn: string): Urn {
	const [stack = "", project = "", types = "", ...name] = urn.split("::");
	return {
		stack: stack.replace(/^urn:pulumi:/, ""),
		project,
		types,
		name: name.join("::"),
	};
}
