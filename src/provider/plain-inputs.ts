import * as pulumi from "@pulumi/pulumi";
import type { Property, Schema } from "./schema";

/** The output that a value was part of. */
interface Source {
	output: pulumi.Output<unknown>;
	isSecret: boolean;
}

/**
 * Replaces the outputs that stand where a component needs plain values, as far as their values are known. A YAML
 * variable, or an object in the configuration that contains a secret, reaches a provider as an output as a whole.
 *
 * The fields of such an object that may be outputs stay outputs of it, with its dependencies and its secrecy. A plain
 * value that is itself secret or unknown stays an output: the validation refuses it.
 */
export async function plainInputs(
	schema: Schema,
	type: string,
	inputs: pulumi.Inputs,
): Promise<pulumi.Inputs> {
	const properties = schema.resources[type]?.inputProperties ?? {};

	async function plainValue(
		value: unknown,
		property: Property | undefined,
		source: Source | undefined,
	): Promise<unknown> {
		if (pulumi.Output.isInstance(value)) {
			const output = value as unknown as ResolvedOutput;
			if (!property?.plain) return partOf(value, source);
			if (!(await output.isKnown)) return value;
			const isSecret = (await output.isSecret) || (source?.isSecret ?? false);
			return plainValue(await output.promise(), property, {
				output: source ? pulumi.all([source.output, value]) : value,
				isSecret,
			});
		}
		const children = property && childrenOf(schema, property);
		if (!children || typeof value !== "object" || value === null) {
			// Whether something is true reveals nothing.
			const mayBePlain =
				property?.plain && (!source?.isSecret || typeof value === "boolean");
			return mayBePlain ? value : partOf(value, source);
		}
		if (Array.isArray(value))
			return Promise.all(
				value.map((item) => plainValue(item, children("0"), source)),
			);
		return plainObject(value, children, source);
	}

	async function plainObject(
		object: object,
		children: (key: string) => Property | undefined,
		source?: Source,
	): Promise<pulumi.Inputs> {
		const entries = Object.entries(object).map(async ([key, value]) => [
			key,
			await plainValue(value, children(key), source),
		]);
		return Object.fromEntries(await Promise.all(entries));
	}

	return plainObject(inputs, (key) => properties[key]);
}

/** A value as a part of the output that contained it. */
const partOf = (value: unknown, source: Source | undefined): unknown =>
	source && value !== undefined ? source.output.apply(() => value) : value;

/** What Pulumi's outputs have besides their public methods. */
interface ResolvedOutput {
	isKnown: Promise<boolean>;
	isSecret: Promise<boolean>;
	promise(): Promise<unknown>;
}

/** Finds the schema of what an array or an object contains; undefined for any other property. */
function childrenOf(
	{ types }: Schema,
	{ items, $ref }: Property,
): ((key: string) => Property | undefined) | undefined {
	if (items) return () => items;
	const properties = types[$ref?.replace("#/types/", "") ?? ""]?.properties;
	return properties && ((key) => properties[key]);
}
