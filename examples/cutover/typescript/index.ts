import * as pulumi from "@pulumi/pulumi";
import { PauseKicksDX, PostOfficeCutover } from "exchange-dirsync";

const config = new pulumi.Config();

const ssh = {
	host: config.require("exchangeHost"),
	port: config.getNumber("exchangePort"),
	user: config.get("user") ?? "Administrator",
	hostKey: config.require("exchangeHostKey"),
	privateKey: config.requireSecret("exchangeKey"),
};

// Next to a cutover the host has no cycle of its own: the cutover starts the cycle between its steps.
const exchange = new PauseKicksDX("EXCH01", { role: "requestor", ssh });

// Another value of `run` repeats the whole cutover.
const cutover = new PostOfficeCutover(
	"harbor",
	{
		run: config.require("run"),
		exchange: { name: "EXCH01", role: "requestor", ssh },
		postOffices: [
			{
				name: "PO-HARBOR",
				role: "server",
				ssh: {
					host: config.require("officeHost"),
					port: config.getNumber("officePort"),
					user: config.get("user") ?? "Administrator",
					hostKey: config.require("officeHostKey"),
					privateKey: config.requireSecret("officeKey"),
				},
				drive: "X",
				directory: config.get("directory") ?? "C:\\MAILEXE",
				admin: "admin",
				adminPassword: config.requireSecret("adminPassword"),
			},
		],
		waits: {
			t1Delivered: {
				host: "PO-HARBOR",
				command: "type X:\\LOG\\RECV.LOG",
				contains: config.get("sender") ?? "SYSTEM1",
			},
			t2Delivered: { seconds: config.getNumber("answerSeconds") ?? 600 },
		},
	},
	{ dependsOn: exchange },
);

export const { previous } = exchange;
export const { steps } = cutover;
