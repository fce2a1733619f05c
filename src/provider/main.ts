#!/usr/bin/env node
import * as pulumi from "@pulumi/pulumi";
import { construct } from "./construct";
import { readSchema } from "./schema";

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
