/** The same without this package: two remote commands for each host, with the shortest commands. */
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { leastScript } from "../least-script.ts";

interface Host {
	name: string;
	ssh: { host: string; port: number; user: string; hostKey: string };
	cycle: { triggers: string[] };
}

const config = new pulumi.Config("exchange-dirsync");
const { default: own } = config.requireObject<{
	default: { privateKey: string };
}>("credentials");

for (const { name, ssh, cycle } of config.requireObject<Host[]>("hosts")) {
	const connection = {
		...ssh,
		privateKey: pulumi.secret(own.privateKey),
		dialErrorLimit: 1,
	};
	const set = new remote.Command(`${name}-set`, {
		connection,
		create: leastScript.set,
		delete: leastScript.unset,
	});
	new remote.Command(
		`${name}-pause`,
		{ connection, create: leastScript.pause, triggers: cycle.triggers },
		{ dependsOn: set },
	);
}
