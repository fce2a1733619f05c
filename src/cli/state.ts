import { parseUrn } from "./urn";

/** A resource in the state of a stack. */
export interface StateResource {
	urn: string;
	type: string;
	/** The last part of the URN. */
	name: string;
	parent?: string;
	inputs: Record<string, unknown>;
	outputs: Record<string, unknown>;
}

export interface StackState {
	resources: StateResource[];
}

/**
 * Parses what `pulumi stack export` prints. Secrets are in clear if it was called with `--show-secrets`, else undefined.
 * Resources that are being deleted are left out.
 */
export function parseState(exported: unknown): StackState {
	const { deployment } = exported as {
		deployment?: { resources?: Record<string, unknown>[] };
	};
	return {
		resources: (deployment?.resources ?? [])
			.filter((resource) => resource.delete !== true)
			.map((resource) => ({
				urn: String(resource.urn),
				type: String(resource.type),
				name: parseUrn(String(resource.urn)).name,
				parent: resource.parent as string | undefined,
				inputs: inClear(resource.inputs ?? {}) as Record<string, unknown>,
				outputs: inClear(resource.outputs ?? {}) as Record<string, unknown>,
			})),
	};
}

export const childrenOf = (
	{ resources }: StackState,
	{ urn }: Pick<StateResource, "urn">,
): StateResource[] => resources.filter(({ parent }) => parent === urn);

/** Whether the stack exports an output of that name. */
export const hasOutput = ({ resources }: StackState, name: string): boolean =>
	resources.some(
		({ type, outputs }) =>
			type === "pulumi:pulumi:Stack" && Object.hasOwn(outputs, name),
	);

/** Replaces each secret by its value; undefined if it is encrypted. */
function inClear(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(inClear);
	if (typeof value !== "object" || value === null) return value;
	if (Object.hasOwn(value, SIGNATURE)) {
		const { plaintext } = value as { plaintext?: string };
		// A secret object can contain further secrets.
		return plaintext === undefined ? undefined : inClear(JSON.parse(plaintext));
	}
	return Object.fromEntries(
		Object.entries(value).map(([key, part]) => [key, inClear(part)]),
	);
}

/** The key that marks a special value in Pulumi's state. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
