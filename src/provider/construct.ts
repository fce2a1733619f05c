import * as pulumi from "@pulumi/pulumi";
import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../components/pause-kicks-dx";
import { PostOfficeCutover } from "../components/post-office-cutover";
import { requirePulumi } from "../config/pulumi-version";
import { CUTOVER_TYPE, HOST_TYPE } from "../model/component-types";
import type { PostOfficeCutoverArgs } from "../model/cutover-args";
import { plainInputs } from "./plain-inputs";
import type { Schema } from "./schema";

/** A component that a program in another language declares. */
export interface Declaration {
	name: string;
	type: string;
	inputs: pulumi.Inputs;
	options: pulumi.ComponentResourceOptions;
}

/**
 * Creates a component for a program in another language.
 *
 * @throws InputPropertiesError if an argument is invalid, RunError if the Pulumi CLI is too old
 */
export async function construct(
	schema: Schema,
	{ name, type, inputs, options }: Declaration,
): Promise<pulumi.provider.ConstructResult> {
	await requirePulumi();
	const args = await plainInputs(schema, type, inputs);
	const component = withoutValues(() => create(type, name, args, options));
	const outputs = Object.keys(schema.resources[type]?.properties ?? {});
	const state = outputs.map((key) => [
		key,
		(component as unknown as pulumi.Inputs)[key],
	]);
	return { urn: component.urn, state: Object.fromEntries(state) };
}

/** The arguments come from another language. The components validate them. */
function create(
	type: string,
	name: string,
	args: unknown,
	options: pulumi.ComponentResourceOptions,
): pulumi.ComponentResource {
	switch (type) {
		case HOST_TYPE:
			return new PauseKicksDX(name, args as PauseKicksDXArgs, options);
		case CUTOVER_TYPE:
			return new PostOfficeCutover(
				name,
				args as PostOfficeCutoverArgs,
				options,
			);
		default:
			throw new Error(
				`exchange-dirsync has no component ${type}: it has ${HOST_TYPE} and ${CUTOVER_TYPE}`,
			);
	}
}

/** The engine prints the value of each property that an error names, passwords included. So the error names none. */
function withoutValues<T>(create: () => T): T {
	try {
		return create();
	} catch (error) {
		if (!pulumi.InputPropertiesError.isInstance(error)) throw error;
		throw new pulumi.InputPropertiesError({
			message: error.message,
			errors: [],
		});
	}
}
