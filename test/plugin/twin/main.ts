import { randomBytes } from "node:crypto";
import * as provider from "@pulumi/pulumi/provider/index.js";
import { check, shapes } from "./check.ts";
import { cancelLocal, runLocal } from "./local.ts";
import { runRemote } from "./remote.ts";
import { connectEngine, reportFor } from "./report.ts";
import { openObject, type Props } from "./secrets.ts";
import { CommandError } from "./wording.ts";

const runners: Record<string, typeof runLocal> = {
	"command:remote:Command": runRemote,
	"command:local:Command": runLocal,
};

/** The type of a resource, and its name in the program. */
function parseUrn(urn: string) {
	const [, , types = "", ...name] = urn.split("::");
	return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

const refuse = (what: string) =>
	new CommandError(
		`the command plugin's twin: ${what} is not implemented; use the real plugin`,
	);

/** Runs a command of a resource, if it is declared, and returns the new outputs of the resource. */
async function run(
	urn: string,
	inputs: Props,
	command: unknown,
	previous: Props,
) {
	const { stdout = "", stderr = "" } = previous;
	const kept = { ...inputs, stdout, stderr };
	if (command === undefined) return kept;
	const runner = runners[parseUrn(urn).type];
	if (runner === undefined) throw refuse(parseUrn(urn).type);
	const plain = openObject(inputs);
	const outputs = await runner(
		plain,
		String(command),
		openObject(previous),
		reportFor(urn),
	);
	return { ...kept, ...outputs };
}

const ANY = { $ref: "pulumi.json#/Any" };
const TEXT = { type: "string" };

/** A schema of the resources, for programs in YAML: which properties there are, without their types. */
const schema = {
	name: "command",
	version: "1.2.1",
	resources: Object.fromEntries(
		Object.entries(shapes).map(([type, { fields, required }]) => {
			const inputProperties = Object.fromEntries(
				Object.keys(fields).map((field) => [field, ANY]),
			);
			return [
				type,
				{
					inputProperties,
					requiredInputs: required ? [required] : [],
					properties: { ...inputProperties, stdout: TEXT, stderr: TEXT },
					required: ["stdout", "stderr"],
				},
			];
		}),
	),
};

const plugin: provider.Provider = {
	version: schema.version,
	schema: JSON.stringify(schema),
	check: async (urn, _old, inputs: Props) => {
		const { type } = parseUrn(urn);
		const shape = shapes[type];
		if (shape === undefined) throw refuse(type);
		for (const input of ["assetPaths", "archivePaths"])
			if (type === "command:local:Command" && inputs[input] !== undefined)
				throw refuse(input);
		return check(shape, inputs);
	},
	// The engine compares the inputs, and replaces the resource for a changed element of triggers. It would only update
	// the resource if the complete list was added or removed.
	diff: async (_id, _urn, old: Props, inputs: Props) =>
		(old.triggers === undefined) === (inputs.triggers === undefined)
			? {}
			: { changes: true, replaces: ["triggers"] },
	create: async (urn, inputs: Props) => ({
		id: parseUrn(urn).name + randomBytes(4).toString("hex"),
		outs: await run(urn, inputs, openObject(inputs).create, {}),
	}),
	update: async (_id, urn, old: Props, inputs: Props) => {
		const { create, update = create } = openObject(inputs);
		return { outs: await run(urn, inputs, update, old) };
	},
	delete: async (_id, urn, old: Props) => {
		await run(urn, old, openObject(old).delete, old);
	},
	cancel: async () => cancelLocal(),
	invoke: async (token) => {
		throw refuse(token);
	},
};

const args = process.argv.slice(2);
connectEngine(args.find((arg) => !arg.startsWith("-")) ?? "");
provider.main(plugin, args);
