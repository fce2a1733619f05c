import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { stringify } from "yaml";
import type { LabHost } from "./lab-host.ts";
import type { HostSettings } from "./settings.ts";

/** Writes a stack file for one lab host, ready for `pulumi up`; its key is in clear, as it lives as long as the host. */
export async function writeStackFile(
	file: string,
	host: LabHost,
	role: HostSettings["role"],
): Promise<void> {
	const { privateKey, ...ssh } = host.ssh;
	const hosts = [
		{ name: "LAB", role, ssh, cycle: { triggers: ["by-hand-1"] } },
	];
	const config = {
		"exchange-dirsync:hosts": hosts,
		"exchange-dirsync:credentials": { LAB: { privateKey } },
	};
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, stringify({ config }), { mode: 0o600 });
}
