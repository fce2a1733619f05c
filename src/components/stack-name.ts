import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** `organization/project/stack`: identifies the stack in a host record. */
export const fullStackName = (): string =>
	`${organization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/** With mocks the organization is optional, and no host is reached. An engine must provide it: it is never guessed. */
function organization(): string {
	try {
		return pulumi.getOrganization();
	} catch (error) {
		if (pulumi.runtime.getMonitor() instanceof MockMonitor)
			return "organization";
		throw error;
	}
}
