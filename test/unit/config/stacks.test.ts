import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../../src/config/load-config.ts";

const folder = join(import.meta.dirname, "../../../stacks");

/** An example's configuration as the engine passes it, with the credentials that its first comment lists. */
function configOf(file: string): Record<string, string> {
	const { config } = parse(readFileSync(join(folder, file), "utf8"));
	const login = { password: "set by hand" };
	config["exchange-dirsync:credentials"] = {
		default: { ...login, proxy: login, adminPassword: "by-hand" },
	};
	return Object.fromEntries(
		Object.entries(config).map(([key, value]) => [
			key.replace("exchange-dirsync:", ""),
			JSON.stringify(value),
		]),
	);
}

describe("the example stacks", () => {
	const files = readdirSync(folder);

	it("are production and rehearsal", () => {
		expect(files.sort()).toEqual([
			"Pulumi.production.yaml",
			"Pulumi.rehearsal.yaml",
		]);
	});

	it.each(files)(
		"%s is accepted unchanged, and has one cutover and no separate cycle",
		(file) => {
			const { hosts, cutovers } = parseConfig(configOf(file), file);
			expect(hosts).toHaveLength(1);
			expect(hosts[0]?.args.cycle).toBeUndefined();
			expect(cutovers).toHaveLength(1);
			expect(cutovers[0]?.args.postOffices).toHaveLength(2);
		},
	);

	it.each(files)("%s lists the credentials to set", (file) => {
		const text = readFileSync(join(folder, file), "utf8");
		const { cutovers } = parseConfig(configOf(file), file);
		for (const { name } of cutovers.flatMap(({ args }) => args.postOffices))
			expect(text).toMatch(new RegExp(`^# .*\\b${name}\\b`, "m"));
		expect(text).toMatch(/^# .*--secret .*adminPassword'$/m);
	});

	it("have Exchange as a requestor, and as a dirsync server that is reached through a jump host", () => {
		const [rehearsal] = parseConfig(
			configOf("Pulumi.rehearsal.yaml"),
			"rehearsal",
		).hosts;
		const [production] = parseConfig(
			configOf("Pulumi.production.yaml"),
			"production",
		).hosts;
		expect(rehearsal?.args.role).toBe("requestor");
		expect(production?.args.role).toBe("server");
		expect(production?.args.ssh?.proxy).toMatchObject({
			host: "jump.corp.example",
		});
	});
});
