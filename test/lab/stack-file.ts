import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { stringify } from "yaml";
import type { AnyHost } from "./any-host.ts";
import type { HostSettings } from "./settings.ts";

/**
 * Writes a stack file for one lab host, ready for `pulumi up`. Secrets are in clear text, because they are valid only
 * as long as the host runs.
 */
export async function writeStackFile(
	file: string,
	host: AnyHost,
	role: HostSettings["role"],
): Promise<void> {
	const { kind, access, credentials } = host.transportOf();
	const hosts = [
		{ name: "LAB", role, [kind]: access, cycle: { triggers: ["by-hand-1"] } },
	];
	const config = {
		"exchange-dirsync:hosts": hosts,
		"exchange-dirsync:credentials": { LAB: credentials },
	};
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, stringify({ config }), { mode: 0o600 });
}
