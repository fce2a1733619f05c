import { z } from "zod";
import { CONFIG } from "./config-schema";
import {
	HOSTS_REQUIRED,
	NAMESPACE,
	ROLES_OF_POST_OFFICES,
	when,
} from "./schema-rules";

/** A JSON Schema, or a part of one. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** One key of the configuration, with the texts that config-schema.ts adds for the documentation. */
export interface KeySchema extends JsonSchema {
	values?: string;
	absent?: string;
	properties?: Record<string, KeySchema>;
	items?: KeySchema;
	additionalProperties?: KeySchema | boolean;
}

/** Returns the configuration as zod converts it: an object with one property for each key of the namespace. */
export function configSchema(): KeySchema {
	return z.toJSONSchema(z.strictObject(CONFIG), {
		io: "input",
		// A key that accepts no value exists only for its error message.
		unrepresentable: ({ zodSchema }) =>
			zodSchema._zod.def.type === "undefined" ? { not: {} } : "throw",
		override: ({ zodSchema, jsonSchema }) => {
			// zod leaves out the default of a list that contains converted values.
			const { def } = zodSchema._zod;
			if (def.type === "default") jsonSchema.default = def.defaultValue;
			// A list of types replaces the union that it describes.
			if (Array.isArray(jsonSchema.type)) delete jsonSchema.anyOf;
			jsonSchema.properties &&= withoutRefused(jsonSchema.properties);
		},
	}) as KeySchema;
}

const withoutRefused = (
	properties: NonNullable<JsonSchema["properties"]>,
): NonNullable<JsonSchema["properties"]> =>
	Object.fromEntries(
		Object.entries(properties).filter(
			([, property]) => JSON.stringify(property) !== '{"not":{}}',
		),
	);

/** What the documentation shows about a key, in Markdown. */
export interface KeyTexts {
	/** The accepted values. */
	values: string;
	/** What applies without the key. */
	absent: string;
	meaning: string;
}

/** Returns the texts about a key of an object. */
export function keyTexts(holder: KeySchema, key: string): KeyTexts {
	const schema = holder.properties?.[key] ?? {};
	const isRequired = holder.required?.includes(key);
	const fallback = schema.default === undefined ? "none" : code(schema.default);
	return {
		values: schema.values ?? acceptedValues(schema),
		absent: schema.absent ?? (isRequired ? "required" : fallback),
		meaning: schema.description ?? "",
	};
}

const code = (value: unknown): string =>
	`\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

function acceptedValues({ type, enum: all, minimum, maximum }: KeySchema) {
	switch (type) {
		case "string":
			return all ? choice(all.map(code)) : "string";
		case "boolean":
			return choice([true, false].map(code));
		case "integer":
			return `whole number, ${minimum} to ${maximum}`;
		case "array":
			return "list";
		default:
			return "object";
	}
}

const choice = (words: string[]): string =>
	`${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/**
 * Returns the JSON Schema of a stack file, `Pulumi.<stack>.yaml`, for editors. It accepts what the program accepts, apart
 * from lists and objects that are written as JSON in a string.
 */
export function stackFileSchema(): JsonSchema {
	const all = configSchema();
	const keys = Object.entries(forEditors(all).properties ?? {}).map(
		([key, schema]) => [key, orEncrypted(schema as JsonSchema)],
	);
	return {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		title: "Stack file of exchange-dirsync",
		type: "object",
		properties: {
			config: configOf(all.properties ?? {}),
			environment: {
				description: "Pulumi ESC environments to take configuration from.",
				type: ["array", "object"],
			},
			secretsprovider: {
				description: "The provider that encrypts the secrets.",
				type: "string",
			},
			encryptedkey: {
				description: "The key of the secrets, encrypted by their provider.",
				type: "string",
			},
			encryptionsalt: {
				description: "The salt of the secrets, where a passphrase encrypts.",
				type: "string",
			},
		},
		additionalProperties: false,
		$defs: { encrypted: ENCRYPTED, ...shared(Object.fromEntries(keys)) },
		// An environment can contain the hosts.
		...when(
			{ not: { required: ["environment"] } },
			{
				required: ["config"],
				properties: { config: HOSTS_REQUIRED },
			},
		),
	};
}

/**
 * The configuration: the keys of this package with its own namespace or with none, and any key of another namespace. The
 * name of the project is not known here. So a key of this package in another namespace is only validated if its type is
 * right: the text `gcp:credentials` is a key of another package.
 *
 * @param keys the keys of this package, which are in `$defs` for editors
 */
function configOf(keys: NonNullable<KeySchema["properties"]>): JsonSchema {
	const own = Object.keys(keys).map((key) => [key, reference(key)] as const);
	return {
		type: "object",
		properties: Object.fromEntries([
			...own.map(([key, schema]) => [`${NAMESPACE}${key}`, schema]),
			...own,
		]),
		patternProperties: {
			[`^(?!${NAMESPACE})[^:]+:.`]: {},
			...Object.fromEntries(
				own.map(([key, schema]) => [
					`^(?!${NAMESPACE})[^:]+:${key}$`,
					when({ type: keys[key]?.type }, schema),
				]),
			),
		},
		additionalProperties: false,
		...ROLES_OF_POST_OFFICES,
	};
}

const reference = (name: string) => ({ $ref: `#/$defs/${name}` });

/**
 * Adds definitions for the objects that occur several times, such as an SSH login, and refers to them. Only their
 * descriptions differ.
 */
function shared(keys: Record<string, JsonSchema>): Record<string, JsonSchema> {
	const textOf = ({ description: _, ...own }: JsonSchema) =>
		JSON.stringify(own);
	const isObject = (key: string, part: JsonSchema | null) =>
		part?.type === "object" && part.properties && key !== "if";
	const counts = new Map<string, number>();
	JSON.stringify(keys, (key, part) => {
		if (isObject(key, part))
			counts.set(textOf(part), (counts.get(textOf(part)) ?? 0) + 1);
		return part;
	});
	const names = new Map<string, string>();
	const definitions: Record<string, JsonSchema> = {};
	const refer = <T>(schema: T): T =>
		JSON.parse(
			JSON.stringify(schema, (key, part) => {
				if (key === "" || !isObject(key, part)) return part;
				const text = textOf(part);
				if ((counts.get(text) ?? 0) < 2) return part;
				let name = names.get(text);
				if (name === undefined) {
					name = `${key}-${names.size + 1}`;
					names.set(text, name);
					definitions[name] = refer(JSON.parse(text));
				}
				const { description } = part;
				return { ...(description && { description }), ...reference(name) };
			}),
		);
	return { ...refer(keys), ...definitions };
}

/** Replaces the texts for the documentation by those that editors show, and accepts encrypted strings. */
function forEditors(schema: KeySchema): JsonSchema {
	const { values, absent, ...own } = schema;
	const { items, additionalProperties: entries, properties } = own;
	const inner: JsonSchema = {
		...own,
		...(own.pattern && values && { patternErrorMessage: sentence(values) }),
		...(items && { items: forEditors(items) }),
		...(typeof entries === "object" && {
			additionalProperties: forEditors(entries),
		}),
		...(properties && {
			properties: Object.fromEntries(
				Object.entries(properties).map(([key, property]) => [
					key,
					{
						...forEditors(property),
						description: description(schema, key),
					},
				]),
			),
		}),
	};
	const isText = [inner.type].flat().includes("string") && !inner.enum;
	return isText ? orEncrypted(inner) : inner;
}

/** What `pulumi config set --secret` writes. */
const ENCRYPTED = {
	type: "object",
	required: ["secure"],
	properties: { secure: { type: "string" } },
	additionalProperties: false,
} satisfies JsonSchema;

/** Accepts what `pulumi config set --secret` writes in place of a value. */
function orEncrypted({ description, ...schema }: JsonSchema): JsonSchema {
	const encrypted = reference("encrypted");
	const types = [schema.type].flat().filter((type) => type !== undefined);
	if (types.includes("object"))
		return { description, anyOf: [schema, encrypted] };
	// The keywords of one type do not concern others. anyOf would give worse messages, and editors would suggest `secure`.
	return {
		description,
		...schema,
		type: [...types, "object"],
		...when({ type: "object" }, encrypted),
	};
}

/** The description of a key, as plain text. Links to the documentation are left out. */
function description(holder: KeySchema, key: string): string {
	const { values, absent, meaning } = keyTexts(holder, key);
	const schema = holder.properties?.[key];
	// Editors show by themselves which words and types are accepted.
	const isKnown = schema?.type !== "integer" && !schema?.values;
	const parts = [
		meaning.replace(/,? see \[[^\]]*\]\([^)]*\)/g, ""),
		...(isKnown ? [] : [values]),
		absent.startsWith("required") ? absent : `default: ${absent}`,
	];
	return parts.map(sentence).join(" ");
}

const sentence = (text: string): string =>
	`${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
