import type { Client, ClientChannel } from "ssh2";
import type { Output } from "./output.ts";
import type { Report } from "./report.ts";
import { CommandError, remoteSignalWords } from "./wording.ts";

/**
 * What ssh2 keeps to itself. It asks for no answer to an `env` request, so that a refused variable goes unseen and the
 * command runs without it; the contract is that the command does not run. So the requests are made here.
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

/** A variable to be set, and whether the command may run without it. */
export interface Variable {
	name: string;
	value: string;
	optional: boolean;
}

/** Runs a command over a connection that carries no other; resolves to what went wrong, if anything did. */
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
			// Only the server's refusal to run it is reported before the command itself.
			if (error) return resolve(`ssh: command ${command} failed`);
			follow(channel, output, resolve);
			channel.end(stdin);
		});
	});
}

/** Makes the client set the variables, one by one, before it asks for the command. */
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
			// The engine shows what it hears first.
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

/** Follows a running command to the end of its channel. */
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
