#!/usr/bin/env node
// First: what follows loads the SDK.
import "../config/lighter-sdk";
import * as pulumi from "@pulumi/pulumi";
import * as log from "@pulumi/pulumi/log";
import { construct } from "./construct";
import { readSchema } from "./schema";

// The SDK's debug messages contain every input. The engine shows them with --debug and in an event log, and masks only the
// secrets of the stack's configuration: a literal in the program or a generated password would be in clear text.
Object.assign(log, { debug: () => Promise.resolve() });

// The plugin `pulumi-resource-exchange-dirsync`: the engine starts it for programs in other languages.
const { text, schema } = readSchema();
pulumi.provider.main(
	{
		version: schema.version,
		schema: text,
		construct: (name, type, inputs, options) =>
			construct(schema, { name, type, inputs, options }),
	},
	process.argv.slice(2),
);
