import type { Client, ClientChannel } from "ssh2";
import type { Output } from "./output.ts";
import type { Report } from "./report.ts";
import { CommandError, remoteSignalWords } from "./wording.ts";

/**
 * Internals of ssh2. It requests no answer to an `env` request, so it does not notice a refused variable and runs the
 * command without it. The real plugin does not run the command then, so the requests are sent here.
 */
interface Internals {
	_protocol: {
		env(channel: number, name: string, value: string, reply: boolean): void;
		exec(channel: number, command: string, reply: boolean): void;
	};
	_chanMgr: {
		_channels: Record<
			number,
			{ outgoing: { id: number }; _callbacks: ((refused: boolean) => void)[] }
		>;
	};
}

/** A variable, and whether the command may run without it. */
export interface Variable {
	name: string;
	value: string;
	optional: boolean;
}

/** Runs a command over a connection without other commands. Resolves to the error text of a failure. */
export function execute(
	client: Client,
	command: string,
	variables: Variable[],
	stdin: string,
	output: Output,
	report: Report,
): Promise<string | undefined> {
	return new Promise((resolve, reject) => {
		setVariablesFirst(client, variables, report, reject);
		client.exec(command, (error, channel) => {
			// The only error before the command starts is the server's refusal to run it.
			if (error) return resolve(`ssh: command ${command} failed`);
			follow(channel, output, resolve);
			channel.end(stdin);
		});
	});
}

/** Makes the client set the variables, one by one, before it requests the command. */
function setVariablesFirst(
	client: Client,
	variables: Variable[],
	report: Report,
	reject: (error: Error) => void,
) {
	const { _protocol: protocol, _chanMgr: channels } =
		client as unknown as Internals;
	const exec = protocol.exec.bind(protocol);
	protocol.exec = async (id, command, reply) => {
		const channel = Object.values(channels._channels)[0];
		const onExec = channel?.outgoing.id === id && channel._callbacks.pop();
		if (!onExec)
			return reject(new Error("ssh2: its channels are not kept as they were"));
		for (const { name, value, optional } of variables) {
			const refused = await new Promise<boolean>((resolve) => {
				channel._callbacks.push(resolve);
				protocol.env(id, name, value, true);
			});
			if (!refused) continue;
			(optional ? report.warn : report.error)(refusal(name));
			// The engine shows messages in the order of their arrival, and this one must be first.
			await report.flush();
			if (!optional)
				return reject(
					new CommandError(
						`could not set environment variable "${name}": ssh: setenv failed`,
					),
				);
		}
		channel._callbacks.push(onExec);
		exec(id, command, reply);
	};
}

const refusal = (name: string) =>
	[
		`Unable to set '${name}'. This only works if your SSH server is configured to accept`,
		"these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could",
		"prefix the command itself with the variables in the form 'VAR=value command'",
	].join("\n\t");

/** Collects output and exit status of a command until its channel is closed. */
function follow(
	channel: ClientChannel,
	output: Output,
	resolve: (failure?: string) => void,
) {
	let failure: string | undefined =
		"wait: remote command exited without exit status or exit signal";
	channel.on("data", (data: Buffer) => output.take("stdout", data));
	channel.stderr.on("data", (data: Buffer) => output.take("stderr", data));
	const onExit = (
		code: number | null,
		signal?: string,
		_dumped?: boolean,
		reason?: string,
	) => {
		if (signal !== undefined) failure = remoteSignalWords(signal, reason);
		else
			failure = code === 0 ? undefined : `Process exited with status ${code}`;
	};
	channel.on("exit", onExit);
	channel.on("error", () => {});
	channel.on("close", () => resolve(failure));
}
