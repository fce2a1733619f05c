import {
	configSchema,
	type KeySchema,
	keyTexts,
} from "../../src/config/stack-file-schema.ts";

/** The rows of all keys, by path: `hosts[].cycle.triggers`. A row is without its first cell. */
function rowsOf(schema: KeySchema, path = ""): [path: string, row: string][] {
	const { properties = {}, items, additionalProperties: entry } = schema;
	return [
		...Object.entries(properties).flatMap(
			([key, property]): [string, string][] => {
				const at = path === "" ? key : `${path}.${key}`;
				const { values, absent, meaning } = keyTexts(schema, key);
				return [
					[at, `${values} | ${absent} | ${meaning}`],
					...rowsOf(property, at),
				];
			},
		),
		...(items ? rowsOf(items, `${path}[]`) : []),
		...(typeof entry === "object" ? rowsOf(entry, `${path}.<name>`) : []),
	];
}

/** The paths in the line "Keys of" before a table. The table of the page's first keys has none. */
const prefixesOf = (before = ""): string[] =>
	before.startsWith("Keys of:")
		? [...before.matchAll(/`([^`]+)`/g)].map(([, prefix = ""]) => prefix)
		: [""];

/**
 * Returns a page with its tables of keys as the schema in src/config defines them. The page defines which tables there
 * are: a table has the keys that all of its paths have in common, without those of a longer path or an earlier table.
 *
 * @throws Error if no table has a key, or if a key differs between the paths of its table
 */
export function withTables(page: string): string {
	const rows = new Map(rowsOf(configSchema()));
	const left = new Set(rows.keys());
	const parts = page.split("\n\n");
	const isTable = (part: string) => part.startsWith("| key |");
	const all = parts.flatMap((part, index) =>
		isTable(part) ? prefixesOf(parts[index - 1]) : [],
	);
	const isOfLonger = (path: string, prefix: string) =>
		all.some((one) => one.length > prefix.length && path.startsWith(`${one}.`));
	const table = (prefixes: string[]): string => {
		const [first = ""] = prefixes;
		const keys = [...left]
			.filter((path) => path.startsWith(first) && !isOfLonger(path, first))
			.map((path) => path.slice(first.length))
			.filter((key) => prefixes.every((prefix) => left.has(prefix + key)));
		return [
			"| key | type | default | meaning |",
			"| --- | --- | --- | --- |",
			...keys.map((key) => {
				const [row, ...others] = new Set(
					prefixes.map((prefix) => rows.get(prefix + key)),
				);
				if (others.length > 0) throw new Error(`${key} has several rows`);
				for (const prefix of prefixes) left.delete(prefix + key);
				return `| \`${key}\` | ${row} |`;
			}),
		].join("\n");
	};
	const written = parts.map((part, index) =>
		isTable(part) ? table(prefixesOf(parts[index - 1])) : part,
	);
	if (left.size > 0) throw new Error(`no table has ${[...left].join(", ")}`);
	return written.join("\n\n");
}
