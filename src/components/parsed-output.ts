import type * as pulumi from "@pulumi/pulumi";
import { withOneLineErrors } from "../validation/validate-args";

/**
 * Parses what a command printed. The result is undefined if the command never ran and this update leaves it out
 * (`--target`, `--exclude`, `refresh --run-program`): Pulumi then has no output of it.
 *
 * @throws RunError if `read` throws
 */
export const parseOutput = <T>(
	stdout: pulumi.Output<string>,
	read: (stdout: string) => T,
): pulumi.Output<T> =>
	stdout.apply((text?: string) =>
		text === undefined ? undefined : withOneLineErrors(read)(text),
	) as pulumi.Output<T>;
