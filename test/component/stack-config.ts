import * as pulumi from "@pulumi/pulumi";
import { PROJECT } from "./program.ts";

const HOST_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0lC5bvG8o6eQmWmJ0b0T8o7m6h2mC0J8z3vG0c5f0a";
export const REQUESTOR = {
	name: "EXCH01",
	role: "requestor",
	ssh: {
		host: "exch01.corp.example",
		user: "Administrator",
		hostKey: HOST_KEY,
		proxy: { host: "jump", port: 2222, user: "ops", hostKey: HOST_KEY },
	},
	registryTool: "regedit",
	cycle: { triggers: ["initial-import", 2], onUncertain: "retry" },
};
export const SERVER = {
	name: "EXCH02",
	role: "server",
	ssh: { host: "10.0.0.9", user: "admin", hostKey: HOST_KEY },
	onDestroy: "keep",
	cycle: { triggers: ["night"] },
};
export const PLAIN = {
	...SERVER,
	name: "EXCH03",
	ssh: { ...SERVER.ssh, port: 2200 },
	cycle: undefined,
};
export const CREDENTIALS = {
	EXCH01: { password: "hunter2-1", proxy: { password: "hunter2-2" } },
	default: { password: "hunter2-3" },
};

export const program = async () =>
	(await import("../../src/program.ts")).program();

/** Sets the configuration as the CLI passes it: a string by key, JSON for lists and objects. */
export function configure(config: Record<string, unknown>): void {
	const texts = Object.entries(config).map(([key, value]) => [
		`${PROJECT}:${key}`,
		typeof value === "string" ? value : JSON.stringify(value),
	]);
	pulumi.runtime.setAllConfig(Object.fromEntries(texts), [
		`${PROJECT}:credentials`,
	]);
}
