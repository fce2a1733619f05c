import { startNtHost } from "../lab/nt/nt-host.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { measure } from "./measure.ts";
import { openStack } from "./pulumi-sides.ts";
import type { Sample } from "./results.ts";
import { SIDES } from "./side.ts";

/**
 * Checks of hosts over Samba. All of them are one NT host of the lab with that many addresses, because a process for
 * each would use the processors that are measured. No update has run, so a check finds that each lacks its record.
 */
export async function sambaChecks(
	toolchain: Toolchain,
	dir: string,
	hosts: number,
	runs: number,
	keep: (sample: Sample) => void,
): Promise<void> {
	const addresses = Array.from(
		{ length: hosts },
		(_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`,
	);
	const host = await startNtHost({ addresses });
	try {
		const { port, user } = host.samba;
		const stack = await openStack({ toolchain, dir, program: "ours" });
		await stack.setSecret("credentials.default.password", host.password);
		await stack.configure({
			hosts: addresses.map((address, index) => ({
				...{ name: `H${index + 1}`, role: "requestor" },
				samba: { host: address, port, user },
			})),
		});
		for (let run = 0; run < runs; run++) {
			const before = await host.logins();
			const cost = await measure(stack.cliLine("check"), true);
			if (!cost.output.endsWith(`${hosts} with drift, 0 not checked`))
				throw new Error(`bench: check failed, it said:\n${cost.output}`);
			const logins = (await host.logins()) - before;
			keep({
				...{ side: SIDES.samba, hosts, step: "check", ...cost },
				...{
					logins,
					commands: 0,
					most: logins / hosts,
					servers: Number.NaN,
					state: Number.NaN,
				},
			});
		}
	} finally {
		await host.stop();
	}
}
