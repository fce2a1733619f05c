import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { oneLineError } from "../validation/validate-args";

/** The oldest CLI that was seen to pass the organization to components in other languages (pulumi#22318). */
const PASSES_ORGANIZATION = "3.248.0";

/**
 * `organization/project/stack`: identifies the stack in a host record.
 *
 * @throws RunError if the engine does not provide the organization
 */
export const fullStackName = (): string =>
	`${organization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/** With mocks the organization is optional, and no host is reached. An engine must provide it: it is never guessed. */
function organization(): string {
	try {
		return pulumi.getOrganization();
	} catch {
		if (pulumi.runtime.getMonitor() instanceof MockMonitor)
			return "organization";
		throw oneLineError(
			`exchange-dirsync needs the name of the stack's organization, because each host records which stack owns it, and this Pulumi CLI does not provide it to components: update the CLI to ${PASSES_ORGANIZATION} or later`,
		);
	}
}
