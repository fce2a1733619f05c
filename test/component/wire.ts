// Pulumi's marks for secrets in the inputs that a program sends to the engine.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Returns the content of a value that is marked as one secret. Throws for a value in clear text. */
export function secretIn(value: unknown): Record<string, unknown> {
	const marked = value as Record<string, unknown> | undefined;
	if (marked?.[SIGNATURE] !== SECRET)
		throw new Error(`a secret was expected, got ${JSON.stringify(value)}`);
	return marked.value as Record<string, unknown>;
}

/** Returns a value as text, without the parts that are marked secret. State, output and logs show this text. */
export function inClear(value: unknown): string {
	return JSON.stringify(value, (_, part) =>
		part?.[SIGNATURE] === SECRET ? "[secret]" : part,
	);
}

/** Returns the arguments that a command's loader passes to its script, after the name of the script. */
export function argumentsIn(command: unknown): string[] {
	const [, name, args = ""] =
		/call %d_%\.cmd ([0-9a-f]{6}) (.+?)\^&/.exec(String(command)) ?? [];
	if (!name)
		throw new Error(`a loader was expected, got ${JSON.stringify(command)}`);
	return args.split(" ");
}

/** Returns the values that a script sets for the given variables, each in a line of its own. */
export function settingsIn(
	script: unknown,
	variables: readonly string[],
): string[] {
	const lines = String(script).split("\r\n");
	return variables.map((variable) => {
		const set = lines.find((line) => line.startsWith(`set ${variable}=`));
		if (!set) throw new Error(`no line sets ${variable} in ${script}`);
		return set.slice(`set ${variable}=`.length);
	});
}
