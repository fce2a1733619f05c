import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { HostConfig } from "../config";
import { connectionOf } from "../connection";
import { RegistryTool } from "../host";
import { type LookCommands, lookCommands } from "../windows/look";
import { type Route, run } from "./ssh";

/** Milliseconds. Longer than the scripts' own limit, which tells more. */
const LIMIT = 240_000;

/** A way in to a host, as a look goes it. */
export interface Access {
	/** As `ownerOf` knows it. */
	name: string;
	/** What it runs prints the parts of `look.ts`, or one message with its code. */
	commands: LookCommands;
	/**
	 * @returns what was printed, byte by byte a character; undefined where it did not end in time
	 * @throws NoConnection
	 */
	run: (commands: LookCommands) => Promise<string | undefined>;
}

export async function accessTo({ name, args }: HostConfig): Promise<Access> {
	const route = (await plain(connectionOf(args.ssh))) as Route;
	return {
		name: "ssh",
		commands: lookCommands({
			host: name,
			registryTool: args.registryTool ?? RegistryTool.Auto,
			id: randomBytes(4).toString("hex"),
		}),
		run: (commands) => run(route, commands, LIMIT),
	};
}

/** Secrets in clear: what is made of them stays in this process. */
const plain = <T>(value: T) =>
	new Promise<pulumi.Unwrap<T>>((resolve) => {
		pulumi.output(value).apply(resolve);
	});
