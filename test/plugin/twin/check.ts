import type { CheckResult } from "@pulumi/pulumi/provider/index.js";
import {
	isObject,
	open,
	type Props,
	reseal,
	secret,
	UNKNOWN,
	type Value,
} from "./secrets.ts";

/** The Go type of an input, or the fields of a nested one. */
type Kind = "string" | "bool" | "int" | "float64" | "list" | "map" | Shape;

interface Shape {
	name: string;
	fields: Record<string, Kind>;
	required?: string;
	secrets: string[];
	defaults: Props;
}

const server: Record<string, Kind> = {
	host: "string",
	port: "float64",
	user: "string",
	password: "string",
	privateKey: "string",
	privateKeyPassword: "string",
	agentSocketPath: "string",
	dialErrorLimit: "int",
	perDialTimeout: "int",
	hostKey: "string",
};

const endpoint = {
	required: "host",
	secrets: ["password", "privateKey", "privateKeyPassword"],
	defaults: { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 },
};

const proxy: Shape = {
	...endpoint,
	name: "remote.ProxyConnection",
	fields: server,
};

const connection: Shape = {
	...endpoint,
	name: "remote.Connection",
	fields: { ...server, proxy },
};

const command: Record<string, Kind> = {
	triggers: "list",
	create: "string",
	update: "string",
	delete: "string",
	stdin: "string",
	logging: "string",
	environment: "map",
	addPreviousOutputInEnv: "bool",
};

/** The inputs of both resources. */
export const shapes: Record<string, Shape> = {
	"command:remote:Command": {
		name: "remote.CommandInputs",
		fields: { ...command, connection },
		required: "connection",
		secrets: ["connection"],
		defaults: {},
	},
	"command:local:Command": {
		name: "local.CommandInputs",
		fields: { ...command, interpreter: "list", dir: "string" },
		secrets: [],
		defaults: {},
	},
};

/** What is wrong with the fields of an object, in the words of the real plugin. */
function* mistakes(
	shape: Shape,
	props: Props,
): Generator<{ property: string; reason: string }> {
	const { name, fields, required } = shape;
	for (const [property, value] of Object.entries(props)) {
		const kind = fields[property];
		const reason = kind
			? misfit(shape, property, kind, open(value))
			: `Unrecognized field '${property}' on '${name}'`;
		if (reason !== undefined) yield { property, reason };
	}
	if (required !== undefined && props[required] === undefined)
		yield {
			property: required,
			reason: `Missing required field '${required}' on '${name}'`,
		};
}

const GO_TYPES = {
	string: "string",
	number: "float64",
	boolean: "bool",
} as const;

function goType(value: Value | undefined) {
	if (Array.isArray(value)) return "[]interface {}";
	const type = typeof value;
	return type in GO_TYPES
		? GO_TYPES[type as keyof typeof GO_TYPES]
		: "map[string]interface {}";
}

const WANTED = { list: "[]interface {}", map: "map[string]interface {}" };

function misfit(
	{ name }: Shape,
	property: string,
	kind: Kind,
	value: Value | undefined,
): string | undefined {
	if (value === undefined || value === UNKNOWN) return;
	const got = goType(value);
	if (typeof kind === "object" && isObject(value)) {
		const found = [...mistakes(kind, value)];
		if (found.length === 0) return;
		const list = found.map((m) => `\t${m.property}: ${m.reason}`).join("\n");
		const owner = name.slice(name.indexOf(".") + 1);
		return `An error occurred decoding '${owner}.${property}': ${found.length} failures decoding:\n${list}`;
	}
	const wanted =
		typeof kind === "object"
			? WANTED.map
			: ({ ...WANTED, int: "float64" }[kind as "list"] ?? kind);
	if (got === wanted) return;
	return `Field '${property}' on '${name}' must be a '${wanted}'; got '${got}' instead`;
}

/** Fills in the defaults and marks the secrets, at any depth. */
function complete({ fields, secrets, defaults }: Shape, props: Props): Props {
	const result: Props = { ...defaults, ...props };
	for (const [key, value] of Object.entries(result)) {
		const kind = fields[key];
		const nested = typeof kind === "object";
		const whole = nested
			? reseal(value, (plain) =>
					isObject(plain) ? complete(kind, plain) : plain,
				)
			: value;
		result[key] = secrets.includes(key) ? secret(whole) : whole;
	}
	return result;
}

/** Checks the inputs of a resource, and returns them as they are to be stored. */
export function check(shape: Shape, inputs: Props): CheckResult {
	const failures = [...mistakes(shape, inputs)];
	// Incomplete inputs are marked too, so that a failure does not lay them open.
	if (failures.length > 0)
		return { failures, inputs: complete({ ...shape, defaults: {} }, inputs) };
	return { inputs: complete(shape, inputs) };
}
