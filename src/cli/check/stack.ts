import {
	type HostConfig,
	parseConfig,
	projectConfig,
} from "../../config/load-config";
import { OLDEST_PULUMI } from "../../config/oldest-pulumi";
import { runPulumiJson } from "../pulumi-cli";
import { UserError } from "../user-error";

/** The declaration of a stack. */
export interface DeclaredStack {
	/** `organization/project/stack`, as in host records. */
	id: string;
	hosts: HostConfig[];
}

/**
 * Reads the configuration with the Pulumi CLI in the project's folder. Secrets are transferred by its stdout only.
 *
 * @throws UserError if the stack or its configuration cannot be read
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
	try {
		const own = projectConfig(Object.fromEntries(all), project);
		return { id, hosts: parseConfig(own, stack).hosts };
	} catch (error) {
		throw new UserError((error as Error).message);
	}
}
