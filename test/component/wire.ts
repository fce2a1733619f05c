// Pulumi's own marks, as they stand in a resource's inputs on their way to the engine.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands within a value that is marked secret as a whole; a value in clear is refused. */
export function secretIn(value: unknown): Record<string, unknown> {
	const marked = value as Record<string, unknown> | undefined;
	if (marked?.[SIGNATURE] !== SECRET)
		throw new Error(`a secret was expected, got ${JSON.stringify(value)}`);
	return marked.value as Record<string, unknown>;
}

/** Whatever of a value is not marked secret, as text: what state, output and logs show. */
export function inClear(value: unknown): string {
	return JSON.stringify(value, (_, part) =>
		part?.[SIGNATURE] === SECRET ? "[secret]" : part,
	);
}

/** The arguments that a command's loader hands to its script, behind the script's own name. */
export function argumentsIn(command: unknown): string[] {
	const [, name, args = ""] =
		/call %d_%\.cmd ([0-9a-f]{6}) (.+?)\^&/.exec(String(command)) ?? [];
	if (!name)
		throw new Error(`a loader was expected, got ${JSON.stringify(command)}`);
	return args.split(" ");
}

/** What a script has been told once and for all: the data of the given variables, of which each is set by a line. */
export function settingsIn(script: unknown, variables: string): string[] {
	const lines = String(script).split("\r\n");
	return [...variables].map((variable) => {
		const set = lines.find((line) => line.startsWith(`set ${variable}=`));
		if (!set) throw new Error(`no line sets ${variable} in ${script}`);
		return set.slice("set V=".length);
	});
}
