import { execFile } from "node:child_process";
import { OLDEST_PULUMI } from "../config/oldest-pulumi";
import { UserError } from "./user-error";

/**
 * Runs a Pulumi command in the current folder and parses its JSON output. Secrets stay encrypted unless the command
 * requests them in clear.
 *
 * @throws UserError if Pulumi is missing, fails or prints no JSON
 */
export async function runPulumiJson(
	stack: string,
	command: readonly string[],
): Promise<unknown> {
	const { stdout, failure } = await runPulumi(stack, command);
	if (failure) throw failure;
	try {
		return JSON.parse(stdout);
	} catch {
		throw new UserError(
			`pulumi ${command.join(" ")} did not print JSON: is the pulumi on PATH Pulumi's command line, ${OLDEST_PULUMI} or later?`,
		);
	}
}

/**
 * Runs a Pulumi command in the current folder.
 *
 * @returns what it printed, and the error if it failed
 */
export async function runPulumi(
	stack: string,
	command: readonly string[],
): Promise<{ stdout: string; failure?: UserError }> {
	const args = [...command, "--stack", stack, "--non-interactive"];
	const { error, stdout, stderr } = await run("pulumi", args);
	return error
		? { stdout, failure: toUserError(error, stack, command, stderr) }
		: { stdout };
}

interface Answer {
	error: (Error & { code?: unknown }) | null;
	stdout: string;
	stderr: string;
}

const run = (program: string, args: readonly string[]) =>
	new Promise<Answer>((resolve) => {
		const child = execFile(
			program,
			args,
			{ maxBuffer: Number.POSITIVE_INFINITY },
			(error, stdout, stderr) => resolve({ error, stdout, stderr }),
		);
		// With stdin closed Pulumi cannot wait for an answer to a prompt.
		child.stdin?.end();
	});

function toUserError(
	{ code }: { code?: unknown },
	stack: string,
	command: readonly string[],
	stderr: string,
): UserError {
	if (code === "ENOENT")
		return new UserError(
			"There is no pulumi on PATH: install the Pulumi CLI, or add its folder to PATH.",
		);
	if (/no stack named/.test(stderr))
		return new UserError(
			`There is no stack ${stack} here: pulumi stack ls lists the existing ones.`,
		);
	if (/no Pulumi.yaml project file|fully qualified name/.test(stderr))
		return new UserError(
			"There is no Pulumi.yaml here: run this in the project's folder.",
		);
	const line = stderr.split("\n").find((one) => one.trim() !== "");
	return new UserError(
		`pulumi ${command.join(" ")} failed: ${line ?? `exit code ${code}`}. Run it by hand to see more.`,
	);
}
