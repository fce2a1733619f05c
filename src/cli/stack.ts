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
}

/**
 * Reads the hosts of a stack with the Pulumi CLI in the project's folder: from the configuration if it declares hosts in
 * this package's format, else from the state. Secrets are transferred by the CLI's stdout only.
 *
 * @throws UserError if the stack or its configuration cannot be read, or there are no hosts in either
 */
export async function readStack(stack: string): Promise<DeclaredStack> {
	const [config, about] = await Promise.all([
		runPulumiJson(stack, ["config", "--show-secrets", "--json"]),
		runPulumiJson(stack, ["about", "--json"]),
	]);
	const id = (
		about as { currentStack?: { fullyQualifiedName?: string } | null }
	).currentStack?.fullyQualifiedName;
	const [, project] = id?.split("/") ?? [];
	if (!id || !project)
		throw new UserError(
			`pulumi about does not print the full name of stack ${stack}: is the pulumi on PATH ${OLDEST_PULUMI} or later?`,
		);
	const all = Object.entries(
		config as Record<string, { value?: string } | undefined>,
	).map(([key, entry]) => [key, entry?.value ?? ""]);
	const own = fromUser(() => projectConfig(Object.fromEntries(all), project));
	if (own.hosts === undefined) return { id, hosts: await readState(stack) };
	const { hosts } = fromUser(() => parseConfig(own, stack));
	return { id, hosts: await Promise.all(hosts.map(fromConfig)) };
}

async function readState(stack: string): Promise<Host[]> {
	const exported = await runPulumiJson(stack, [
		...["stack", "export", "--show-secrets"],
	]);
	const hosts = hostsFromState(parseState(exported));
	if (hosts.length === 0)
		throw new UserError(
			`Stack ${stack} has no hosts: neither its configuration nor its state has any. If its program declares some, run pulumi up first.`,
		);
	return hosts;
}

/** Reports an error of the configuration as one that the user can correct. */
function fromUser<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		throw new UserError((error as Error).message);
	}
}
