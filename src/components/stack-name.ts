import * as pulumi from "@pulumi/pulumi";

/** `organization/project/stack`: whose a record on a host is. */
export const fullStackName = (): string =>
	`${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
