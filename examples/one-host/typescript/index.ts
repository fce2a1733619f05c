import * as pulumi from "@pulumi/pulumi";
import { PauseKicksDX } from "exchange-dirsync";

const config = new pulumi.Config();

// The value on one Exchange host, and one dirsync cycle each time the trigger changes.
const exchange = new PauseKicksDX("EXCH01", {
	role: "requestor",
	ssh: {
		host: config.require("host"),
		port: config.getNumber("port"),
		user: config.get("user") ?? "Administrator",
		hostKey: config.require("hostKey"),
		password: config.getSecret("password"),
		privateKey: config.getSecret("privateKey"),
	},
	// A new string makes the next update inspect the host again and repair drift.
	verify: config.get("verify"),
	cycle: { triggers: [config.get("trigger") ?? "initial-import"] },
});

export const { value, previous, restarted, cycleType, kickedAt, evidence } =
	exchange;
