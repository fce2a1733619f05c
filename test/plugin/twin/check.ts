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

/** The Go type of an input, as in error texts, or the fields of a nested input. */
type Kind = string | Shape;

interface Shape {
	name: string;
	fields: Record<string, Kind>;
	required?: string;
	secrets: string[];
	defaults: Props;
}

const LIST = "[]interface {}";
const MAP = "map[string]interface {}";

const server: Record<string, Kind> = {
	user: "string",
	password: "string",
	host: "string",
	port: "float64",
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
	fields: { proxy, ...server },
};

const command: Record<string, Kind> = {
	triggers: LIST,
	create: "string",
	update: "string",
	delete: "string",
	stdin: "string",
	environment: MAP,
	addPreviousOutputInEnv: "bool",
};

/** The inputs of both resources. */
export const shapes: Record<string, Shape> = {
	"command:remote:Command": {
		name: "remote.CommandInputs",
		fields: { ...command, logging: "remote.Logging", connection },
		required: "connection",
		secrets: ["connection"],
		defaults: {},
	},
	"command:local:Command": {
		name: "local.CommandInputs",
		fields: {
			...command,
			logging: "local.Logging",
			interpreter: LIST,
			dir: "string",
		},
		secrets: [],
		defaults: {},
	},
};

/** Returns the errors in the fields of an object, with the messages of the real plugin. */
function mistakes({ name, fields, required }: Shape, props: Props) {
	const found: { property: string; reason: string }[] = [];
	for (const [property, kind] of Object.entries(fields)) {
		const reason =
			props[property] !== undefined
				? misfit(name, property, kind, open(props[property]))
				: property === required &&
					`Missing required field '${property}' on '${name}'`;
		if (reason) found.push({ property, reason });
	}
	for (const property of Object.keys(props))
		if (fields[property] === undefined)
			found.push({
				property,
				reason: `Unrecognized field '${property}' on '${name}'`,
			});
	return found;
}

function misfit(
	owner: string,
	property: string,
	kind: Kind,
	value: Value | undefined,
): string | undefined {
	if (value === UNKNOWN) return;
	if (typeof kind === "object" && isObject(value)) {
		const found = mistakes(kind, value);
		if (found.length === 0) return;
		const list = found.map((m) => `\t${m.property}: ${m.reason}`).join("\n");
		const short = owner.slice(owner.indexOf(".") + 1);
		return `An error occurred decoding '${short}.${property}': ${found.length} failures decoding:\n${list}`;
	}
	const wanted = typeof kind === "object" ? kind.name : kind;
	const got = goType(value);
	if (got === (CARRIED_AS[wanted] ?? wanted)) return;
	return `Field '${property}' on '${owner}' must be a '${wanted}'; got '${got}' instead`;
}

// The types that are transferred as another type.
const CARRIED_AS: Record<string, string> = {
	int: "float64",
	"remote.Logging": "string",
	"local.Logging": "string",
};

const GO_TYPES: Record<string, string> = {
	string: "string",
	number: "float64",
	boolean: "bool",
};

const goType = (value: Value | undefined) =>
	Array.isArray(value) ? LIST : (GO_TYPES[typeof value] ?? MAP);

/** Adds the defaults and marks the secrets, at any depth. */
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

/** Checks the inputs of a resource, and returns them in the form for the state. */
export function check(shape: Shape, inputs: Props): CheckResult {
	return {
		failures: mistakes(shape, inputs),
		inputs: complete(shape, inputs),
	};
}
