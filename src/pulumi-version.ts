import { RunError, runtime } from "@pulumi/pulumi";
import { OLDEST_PULUMI } from "./pulumi-cli";

/** Asks the engine which Pulumi CLI it belongs to; throws where that is too old, or too old to answer. */
export async function requirePulumi(): Promise<void> {
	try {
		await runtime.requirePulumiVersion(`>=${OLDEST_PULUMI}`);
	} catch (error) {
		const { details, message } = error as Error & { details?: string };
		const refusal = new RunError(
			`exchange-dirsync needs the Pulumi CLI ${OLDEST_PULUMI} or later: ${details ?? message} See https://www.pulumi.com/docs/iac/download-install/`,
		);
		// With a stack, the language host prints the whole module tree along with it.
		refusal.stack = undefined;
		throw refusal;
	}
}
