import * as pulumi from "@pulumi/pulumi";
import type { Property, Schema } from "./schema";

/**
 * Replaces the outputs that stand where a component needs plain values, as far as their values are known. A YAML
 * variable, or an object in the configuration that contains a secret, reaches a provider as an output as a whole.
 *
 * What a secret object contains stays secret. A plain value that is itself secret or unknown stays an output: the
 * validation refuses it.
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
		isSecret: boolean,
	): Promise<unknown> {
		const children = property && childrenOf(schema, property);
		if (pulumi.Output.isInstance(value)) {
			const output = value as unknown as ResolvedOutput;
			if (!property?.plain || !(await output.isKnown)) return value;
			const secret = await output.isSecret;
			if (secret && !children) return value;
			return plainValue(await output.promise(), property, isSecret || secret);
		}
		if (!children || typeof value !== "object" || value === null)
			return isSecret ? pulumi.secret(value) : value;
		if (Array.isArray(value))
			return Promise.all(
				value.map((item) => plainValue(item, children("0"), isSecret)),
			);
		return plainObject(value, children, isSecret);
	}

	async function plainObject(
		object: object,
		children: (key: string) => Property | undefined,
		isSecret: boolean,
	): Promise<pulumi.Inputs> {
		const entries = Object.entries(object).map(async ([key, value]) => [
			key,
			await plainValue(value, children(key), isSecret),
		]);
		return Object.fromEntries(await Promise.all(entries));
	}

	return plainObject(inputs, (key) => properties[key], false);
}

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
