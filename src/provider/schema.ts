import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of a Pulumi schema that the provider reads. */
export interface Schema {
	version: string;
	resources: Record<
		string,
		{
			inputProperties: Record<string, Property>;
			properties: Record<string, Property>;
		}
	>;
	types: Record<string, { properties?: Record<string, Property> }>;
}

export interface Property {
	$ref?: string;
	items?: Property;
	/** Whether the value must be known before the component is created. */
	plain?: boolean;
}

/** Reads the schema that belongs to the package. @returns its text and its contents */
export function readSchema(): { text: string; schema: Schema } {
	const text = readFileSync(join(__dirname, "../../schema.json"), "utf8");
	return { text, schema: JSON.parse(text) };
}
