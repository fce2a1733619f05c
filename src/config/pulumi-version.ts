import { runtime } from "@pulumi/pulumi";
import { oneLineError } from "../validation/validate-args";
import { OLDEST_PULUMI } from "./oldest-pulumi";

/**
 * Checks the version of the Pulumi CLI.
 *
 * @throws RunError if it is too old, or too old to report its version
 */
export async function requirePulumi(): Promise<void> {
	try {
		await runtime.requirePulumiVersion(`>=${OLDEST_PULUMI}`);
	} catch (error) {
		const { details, message } = error as Error & { details?: string };
		throw oneLineError(
			`exchange-dirsync needs the Pulumi CLI ${OLDEST_PULUMI} or later: ${details ?? message} See https://www.pulumi.com/docs/iac/download-install/`,
		);
	}
}
