import { parseUrn } from "../urn";
import type { EndedResource } from "./model";

/** The state of a stack, as far as a report needs it. */
export interface State {
	/** When it was written: ISO 8601, or empty. */
	time: string;
	resources: Resource[];
	/** The resources that an update is working on, or was when it was killed. */
	pending: Resource[];
}

/** A resource in the state. */
export interface Resource extends Exported {
	/** See `Urn`. */
	types: string;
	name: string;
}

/** The part of an exported resource that the report reads. */
interface Exported {
	urn: string;
	id?: string;
	delete?: boolean;
	dependencies?: string[];
	inputs?: { triggers?: unknown };
	outputs?: { stdout?: unknown; steps?: unknown };
}

interface Export {
	deployment?: {
		manifest?: { time?: string };
		resources?: Exported[];
		pending_operations?: { resource: Exported }[];
	} | null;
}

/** Parses the output of `pulumi stack export`. */
export function readState(exported: unknown): State {
	const { deployment } = exported as Export;
	const resources = (deployment?.resources ?? [])
		// A resource that is pending deletion has already been replaced.
		.filter((resource) => !resource.delete)
		.map(toResource);
	return {
		time: deployment?.manifest?.time ?? "",
		resources,
		pending: (deployment?.pending_operations ?? []).map(({ resource }) =>
			toResource(resource),
		),
	};
}

/**
 * The state with resources that have ended since it was written. The engine reports the end of an operation before it
 * writes the state.
 */
export function withEnded(
	state: State,
	ended: readonly EndedResource[],
): State {
	const written = Date.parse(state.time);
	const newer = ended
		// The times of events are in whole seconds.
		.filter(({ end }) => !(end + 1000 <= written))
		.map((resource) => toResource(resource as Exported));
	const all = new Map(state.resources.map((one) => [one.urn, one]));
	for (const one of newer) all.set(one.urn, { ...all.get(one.urn), ...one });
	return newer.length === 0
		? state
		: { ...state, resources: [...all.values()] };
}

function toResource(exported: Exported): Resource {
	const { types, name } = parseUrn(exported.urn);
	return { ...exported, types, name };
}

/**
 * The commands of the cutovers in one component type, by name. Other resources may have the same names.
 *
 * @param component the types of the cutover's component: its own, after those of the components around it
 */
export function commandsOf(
	component: string,
	resources: readonly Resource[],
): Map<string, Resource> {
	const types = ["local", "remote"].map(
		(kind) => `${component}$command:${kind}:Command`,
	);
	return new Map(
		resources
			.filter((resource) => types.includes(resource.types))
			.map((resource) => [resource.name, resource]),
	);
}

/** The triggers of a command; undefined if it has none that can be read. */
export function triggersOf(resource?: Resource): string[] | undefined {
	const triggers = resource?.inputs?.triggers;
	return Array.isArray(triggers) ? triggers.map(triggerText) : undefined;
}

/** A run that is an output of the program may be a secret, which the state holds encrypted. */
const triggerText = (trigger: unknown): string =>
	typeof trigger === "object" ? "(a secret)" : String(trigger);
