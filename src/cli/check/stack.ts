import {
	type HostConfig,
	ownConfig,
	parseConfig,
} from "../../config/load-config";
import { OLDEST_PULUMI } from "../../config/oldest-pulumi";
import { askPulumi } from "../pulumi-cli";
import { Trouble } from "../user-error";

/** A stack as it is declared. */
export interface DeclaredStack {
	/** `organization/project/stack`, as host records have it. */
	id: string;
	hosts: HostConfig[];
}

/** Asks the Pulumi CLI in the project's folder. Secrets come by its stdout, and nowhere else. */
export async function readStack(stack: string): Promise<DeclaredStack> {
	const [config, about] = await Promise.all([
		askPulumi(stack, ["config", "--show-secrets", "--json"]),
		askPulumi(stack, ["about", "--json"]),
	]);
	const id = (
		about as { currentStack?: { fullyQualifiedName?: string } | null }
	).currentStack?.fullyQualifiedName;
	const [, project] = id?.split("/") ?? [];
	if (!id || !project)
		throw new Trouble(
			`pulumi about does not tell the full name of stack ${stack}: is the pulumi on PATH ${OLDEST_PULUMI} or later?`,
		);
	const all = Object.entries(
		config as Record<string, { value?: string } | undefined>,
	).map(([key, entry]) => [key, entry?.value ?? ""]);
	try {
		const own = ownConfig(Object.fromEntries(all), project);
		return { id, hosts: parseConfig(own, stack).hosts };
	} catch (error) {
		throw new Trouble((error as Error).message);
	}
}
