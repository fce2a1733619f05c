import * as pulumi from "@pulumi/pulumi";
import { PauseKicksDX, type Role } from "exchange-dirsync";

interface Host {
	name: string;
	role: Role;
	host: string;
	hostKey: string;
}

const config = new pulumi.Config();
const privateKey = config.requireSecret("privateKey");
const triggers = [config.require("trigger")];

// All hosts start a cycle when the trigger changes. They run in parallel.
const hosts = config.requireObject<Host[]>("hosts");
export const evidence = hosts.map(({ name, role, host, hostKey }) => {
	const ssh = { host, user: "Administrator", hostKey, privateKey };
	return new PauseKicksDX(name, { role, ssh, cycle: { triggers } }).evidence;
});
