import type * as pulumi from "@pulumi/pulumi";
import { withOneLineErrors } from "../validation/validate-args";

/**
 * What a command printed, read. It is undefined where the command never ran and this update leaves it out (`--target`,
 * `--exclude`, `refresh --run-program`): Pulumi then has nothing that it printed.
 */
export const parseOutput = <T>(
	stdout: pulumi.Output<string>,
	read: (stdout: string) => T,
): pulumi.Output<T> =>
	stdout.apply((text?: string) =>
		text === undefined ? undefined : withOneLineErrors(read)(text),
	) as pulumi.Output<T>;
