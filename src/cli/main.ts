#!/usr/bin/env node
// First: what follows loads the SDK.
import "../config/lighter-sdk";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { checkCommand } from "./check/command";
import { planCommand } from "./plan/command";
import { reportCommand } from "./report/command";

/* `exchange-dirsync check | plan | report`. Usage errors exit with 1, as failures do. */

const version = (): string =>
	JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"))
		.version;

new Command("exchange-dirsync")
	.description("Inspects the hosts of a Pulumi stack and changes nothing.")
	.option("-V, --version", "print the version of this package")
	.on("option:version", () => {
		console.log(version());
		process.exit(0);
	})
	.addCommand(checkCommand())
	.addCommand(planCommand())
	.addCommand(reportCommand())
	.parseAsync();
