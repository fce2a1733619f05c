import { parseConfig, projectConfig } from "../config/load-config";
import { OLDEST_PULUMI } from "../config/oldest-pulumi";
import { fromConfig, type Host } from "./hosts";
import { hostsFromState } from "./hosts-from-state";
import { runPulumiJson } from "./pulumi-cli";
import { parseState } from "./state";
import { UserError } from "./user-error";

/** The hosts of a stack. */
export interface DeclaredStack {
	/** `organization/project/stack`, as in host records. */
	id: string;
	hosts: Host[];
	/** Where the hosts are read from. */
	source: "configuration" | "state";
	/** Hosts of the state that the configuration no longer declares. */
	removed: Host[];
}

/**
 * Reads the hosts of a stack with the Pulumi CLI in the project's folder: from the configuration if it declares hosts in
 * this package's format, else from the state. Secrets are transferred by the CLI's stdout only.
 *
 * @throws UserError if the stack, its configuration or its state cannot be read
 */
export async function readStack(stack: string): Promise<DeclaredStack> {
	const [config, about, exported] = await Promise.all([
		runPulumiJson(stack, ["config", "--show-secrets", "--json"]),
		runPulumiJson(stack, ["about", "--json"]),
		runPulumiJson(stack, ["stack", "export", "--show-secrets"]),
	]);
	const { id, project } = identify(stack, about);
	const inState = hostsFromState(parseState(exported));
	const all = Object.entries(
		config as Record<string, { value?: string } | undefined>,
	).map(([key, entry]) => [key, entry?.value ?? ""]);
	const own = fromUser(() => projectConfig(Object.fromEntries(all), project));
	if (own.hosts === undefined)
		return { id, source: "state", hosts: inState, removed: [] };
	const declared = fromUser(() => parseConfig(own, stack)).hosts;
	const names = declared.map(({ name }) => name);
	return {
		id,
		source: "configuration",
		hosts: await Promise.all(declared.map(fromConfig)),
		removed: inState.filter(({ name }) => !names.includes(name)),
	};
}

function identify(stack: string, about: unknown) {
	const { currentStack } = about as {
		currentStack?: { fullyQualifiedName?: string } | null;
	};
	const id = currentStack?.fullyQualifiedName;
	const [, project] = id?.split("/") ?? [];
	if (!id || !project)
		throw new UserError(
			`pulumi about does not print the full name of stack ${stack}: is the pulumi on PATH ${OLDEST_PULUMI} or later?`,
		);
	return { id, project };
}

/** Reports an error of the configuration as one that the user can correct. */
function fromUser<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new UserError((error as Error).message);
	}
}
