import { dial } from "./dial.ts";
import { previousOutput } from "./local.ts";
import { Output, type Outputs } from "./output.ts";
import type { Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { execute, type Variable } from "./session.ts";

/** Runs a command on another machine, over a separate connection. */
export async function runRemote(
	inputs: Props,
	command: string,
	previous: Props,
	report: Report,
): Promise<Outputs> {
	const [client, ...proxies] = await dial(inputs.connection as Props, report);
	if (client === undefined) throw new Error("dial: returned no client");
	const variables = (entries: object, optional: boolean): Variable[] =>
		Object.entries(entries).map(([name, value]) => ({ name, value, optional }));
	const output = new Output(inputs, report);
	try {
		const failure = await execute(
			client,
			command,
			[
				...variables((inputs.environment ?? {}) as Props, false),
				...variables(previousOutput(inputs, previous), true),
			],
			(inputs.stdin ?? "") as string,
			output,
			report,
		);
		return await output.finish(command, failure);
	} finally {
		for (const each of [client, ...proxies]) each.end();
	}
}
