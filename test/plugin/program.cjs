// The program under test: it declares what a JSON file lists, so that a step of a test is a new list.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const command = require("@pulumi/command");

const version = "1.2.1";
const made = {};
const wrapSecrets = (_key, value) =>
	value?.secret === undefined ? value : pulumi.secret(value.secret);

function declare({ kind, name, args, opts }) {
	const dependsOn = opts?.dependsOn?.map((other) => made[other]);
	const options = { version, ...opts, dependsOn };
	if (kind === "command:local:run")
		return pulumi.runtime.invoke(kind, args, { version });
	if (kind.includes(":"))
		return new pulumi.CustomResource(kind, name, args, options);
	return new command[kind].Command(name, args, options);
}

for (const resource of JSON.parse(
	readFileSync(process.env.CONTRACT_RESOURCES, "utf8"),
	wrapSecrets,
))
	made[resource.name] = declare(resource);
