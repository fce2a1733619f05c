// @module-tag full
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectionOutcomes } from "../../src/protocol/outcomes.ts";
import { searchProcesses } from "./process-watch.ts";
import { searchFiles, searchHost } from "./secrets-files.ts";
import { type EncryptedKey, loginOf, Site } from "./secrets-site.ts";

// No secret is in an error message, or on a host while a script runs there.
const site = new Site();
const { canaries } = site;
beforeAll(() => site.start());
afterAll(() => site.end());

const FAILING_UP = ["up", "--yes", "--skip-preview", "--continue-on-error"];

/** The part of the output about one resource, by its name. */
function told(output: string, name: string): string {
	const parts = output.split(/^ {2}(?=\S+ \(\S+\):$)/m);
	return parts.find((part) => part.includes(`(${name}):\n`)) ?? "";
}

/** A log-in that is refused, and the outcome code for the plugin's message (docs/troubleshooting.md). */
interface Refusal {
	ssh: object;
	credentials: object;
	code: keyof typeof connectionOutcomes;
}

function refusals(): Record<string, Refusal> {
	const byKey = site.sshOfKey;
	// The engine does not mask a secret that contains a percent sign, nor a part of a larger secret.
	const password = canaries.phrase("wrong password", ` "%41%s`);
	const keyOf = ({ privateKey, phrase }: EncryptedKey) => ({
		privateKey,
		privateKeyPassword: phrase,
	});
	return {
		PASSWORD: {
			ssh: loginOf(site.door),
			credentials: { password },
			code: "no-log-in",
		},
		KEY: {
			ssh: byKey,
			credentials: keyOf(site.strangerKey),
			code: "no-log-in",
		},
		PHRASE: {
			ssh: byKey,
			credentials: { ...keyOf(site.hostKey), privateKeyPassword: password },
			code: "no-log-in",
		},
		HOSTKEY: {
			ssh: { ...byKey, hostKey: site.byPassword.ssh.hostKey },
			credentials: keyOf(site.hostKey),
			code: "wrong-host-key",
		},
		CLOSED: {
			ssh: { ...byKey, port: 1 },
			credentials: { password },
			code: "unreachable",
		},
		PROXY: {
			ssh: { ...byKey, proxy: loginOf(site.proxies.ofKey) },
			credentials: { ...keyOf(site.hostKey), proxy: { password } },
			code: "no-log-in",
		},
	};
}

describe("a log-in that fails", () => {
	/** Sets all credentials as one secret, so the engine masks none of them. */
	async function declare(cases: [name: string, refusal: Refusal][]) {
		const stack = await site.bench.stack();
		const cycle = { triggers: ["a"] };
		await stack.configure({
			hosts: cases.map(([name, { ssh }]) => ({
				...{ name, role: "server", ssh, cycle },
			})),
		});
		const credentials = Object.fromEntries(
			cases.map(([name, refusal]) => [name, refusal.credentials]),
		);
		await stack.setSecret("credentials", JSON.stringify(credentials));
		return stack;
	}

	// A stack may declare a machine only once, so HOSTKEY needs another stack than KEY.
	it.each([[["PASSWORD", "KEY", "CLOSED", "PROXY"]], [["HOSTKEY"]]])(
		"prints no secret, although the engine masks none: %j",
		async (names) => {
			const cases = Object.entries(refusals()).filter(([name]) =>
				names.includes(name),
			);
			const stack = await declare(cases);
			const { output: preview } = await stack.must("preview", "--diff");
			const { exitCode, output } = await stack.pulumi(...FAILING_UP);
			expect(exitCode).not.toBe(0);
			expect(canaries.find("output", preview + output)).toEqual([]);
			for (const [name, { code }] of cases)
				expect(told(output, name), output).toMatch(
					connectionOutcomes[code].pattern,
				);
			const { output: state } = await stack.must("stack", "export");
			expect(canaries.find("state", state)).toEqual([]);
		},
	);

	it("because of its pass phrase is refused before it is attempted, and prints no secret", async () => {
		const { KEY } = refusals() as { KEY: Refusal };
		const credentials = {
			...KEY.credentials,
			privateKeyPassword: canaries.phrase("wrong pass phrase"),
		};
		const stack = await declare([["PHRASE", { ...KEY, credentials }]]);
		const { exitCode, output } = await stack.pulumi(...FAILING_UP);
		expect(exitCode).not.toBe(0);
		expect(output).toContain(
			"credentials.PHRASE.privateKey: cannot be decrypted with its pass phrase",
		);
		expect(canaries.find("output", output)).toEqual([]);
	});
});

describe("a script that fails", () => {
	it("prints no secret, and has none on the host while it runs", async () => {
		await site.byKey.set({ pause: "hang", hangSeconds: 12 });
		await site.byPassword.set({ pause: "really" });
		const running = site.pulumi(...FAILING_UP, "--diff");
		const atWork = async () =>
			(await site.byKey.serviceLog()).some(({ event }) => event === "pause");
		await vi.waitUntil(atWork, { timeout: 120_000, interval: 100 });
		const windows = join(site.byKey.dir, "prefix/drive_c/windows");
		const { files, finds } = await searchFiles(canaries, windows, (name) =>
			name.startsWith("dx-work"),
		);
		const { output } = await running;
		expect(finds).toEqual([]);
		expect(files).toEqual(
			expect.arrayContaining([
				"dx-work.cmd",
				expect.stringMatching(/^dx-work\/\w+\.txt$/),
			]),
		);
		expect(output).toMatch(/BYKEY, kick: .*\[unknown, Windows/);
		expect(output).toMatch(/BYPASSWORD, kick: .*\[paused\]/);
		expect(canaries.find("output", output)).toEqual([]);
	});

	it("prints no secret when it runs again", async () => {
		await site.byPassword.stopService();
		const { output } = await site.pulumi(...FAILING_UP);
		expect(output).toMatch(/BYKEY, kick: .*\[outcome-unknown\]/);
		expect(output).toMatch(/BYPASSWORD, kick: .*\[not-running, Windows/);
		expect(canaries.find("output", output)).toEqual([]);
		for (const host of [site.byKey, site.byPassword])
			expect((await searchHost(canaries, host)).finds).toEqual([]);
	});

	it("shows no secret in a process list", async () => {
		const { seen } = await site.watch.end();
		const finds = searchProcesses(canaries, seen);
		expect(
			finds.filter(({ where }) => where !== "variable PULUMI_CONFIG"),
		).toEqual([]);
	});
});
