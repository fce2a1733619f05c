import * as pulumi from "@pulumi/pulumi";

/** `organization/project/stack`: identifies the stack in a host record. */
export const fullStackName = (): string =>
	`${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
