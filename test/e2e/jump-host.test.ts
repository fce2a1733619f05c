import { afterAll, describe, expect, it } from "vitest";
import { Bench, SERVICE } from "./fixture.ts";

// As in the production example: through a jump host, with secrets set as docs/configuration.md describes.
const bench = new Bench();
afterAll(() => bench.end());

describe("a host that is reached through a jump host", () => {
	it("is enforced and kicked, and no secret is in clear text in output or state", async () => {
		const jump = await bench.host();
		const host = await bench.host({ role: "server" });
		const stack = await bench.stack("production");
		const { privateKey: jumpKey, ...proxy } = jump.ssh;
		const { privateKey, ...ssh } = host.ssh;
		const cycle = { triggers: ["cutover-1"] };
		await stack.configure({
			hosts: [
				{ name: "EXCH02", role: "server", ssh: { ...ssh, proxy }, cycle },
			],
		});
		await stack.setSecret("credentials.EXCH02.privateKey", privateKey);
		await stack.setSecret("credentials.EXCH02.proxy.privateKey", jumpKey);
		const { output } = await stack.must("up", "--yes", "--skip-preview");
		expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000001",
		);
		expect((await host.cycles()).map(({ type }) => type)).toEqual(["T2"]);
		expect(await jump.logins()).toBe(2);
		expect(await jump.commands()).toEqual([]);
		const state = (await stack.must("stack", "export")).output;
		for (const key of [privateKey, jumpKey])
			for (const line of key.split("\n").slice(1, -2)) {
				expect(output).not.toContain(line);
				expect(state).not.toContain(line);
			}
	});
});
