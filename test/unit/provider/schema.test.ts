import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { schemaFromTypes } from "./schema-from-types.ts";

// schema.json has one source: package.json, the types, and their docstrings. `-u` writes it.
const ROOT = join(import.meta.dirname, "../../..");
const { version, description, keywords, license, homepage, repository } =
	JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const REPOSITORY = repository.url.replace(/^git\+|\.git$/g, "");
const respectSchemaVersion = true;

const fromCode = schemaFromTypes();
const schema = {
	name: "exchange-dirsync",
	displayName: "Exchange dirsync",
	version,
	description,
	keywords: [...keywords, "kind/component", "category/utility"],
	homepage,
	license,
	repository: REPOSITORY,
	publisher: "exchange-dirsync",
	logoUrl: `${REPOSITORY.replace("github.com", "raw.githubusercontent.com")}/main/docs/images/logo.png`,
	pluginDownloadURL: REPOSITORY.replace("https://", "github://api."),
	language: {
		csharp: { respectSchemaVersion },
		go: {
			respectSchemaVersion,
			importBasePath: `${REPOSITORY.replace("https://", "")}/sdk/go/exchangedirsync`,
		},
		java: {},
		nodejs: { respectSchemaVersion, packageName: "exchange-dirsync" },
		python: { respectSchemaVersion, pyproject: { enabled: true } },
	},
	...fromCode,
};

const typeOf = (name: string) =>
	fromCode.types[`exchange-dirsync:index:${name}`];
const propertiesOf = (name: string) => {
	const type = typeOf(name);
	return type && "properties" in type ? type.properties : {};
};
const component = (name: string) =>
	fromCode.resources[`exchange-dirsync:index:${name}`];

describe("schema.json", () => {
	it("is in step with package.json and the types", async () => {
		await expect(`${JSON.stringify(schema, null, "\t")}\n`).toMatchFileSnapshot(
			join(ROOT, "schema.json"),
		);
	});

	it("has the arguments and outputs of both components, required and optional as in TypeScript", () => {
		expect(Object.keys(fromCode.resources)).toHaveLength(2);
		expect(component("PauseKicksDX")).toMatchObject({
			requiredInputs: ["role"],
			required: ["value", "previous", "restarted"],
		});
		expect(component("PostOfficeCutover")).toMatchObject({
			requiredInputs: ["run", "exchange", "postOffices", "waits"],
			required: ["steps"],
		});
		// The base type's fields come first.
		expect(Object.keys(propertiesOf("Ssh"))).toEqual([
			...Object.keys(propertiesOf("SshLogin")),
			"proxy",
		]);
	});

	it("marks each credential as secret, and nothing else", () => {
		const secret = Object.keys(fromCode.types).flatMap((token) => {
			const name = token.replace(/.*:/, "");
			return Object.entries(propertiesOf(name))
				.filter(([, property]) => property.secret)
				.map(([key]) => `${name}.${key}`);
		});
		const login = ["password", "privateKey", "privateKeyPassword"];
		expect(secret).toEqual([
			...["PostOffice.adminPassword", "Samba.password"],
			...login.map((key) => `Ssh.${key}`),
			...login.map((key) => `SshLogin.${key}`),
		]);
	});

	it("has a default only where the argument may be given with any other", () => {
		// Not in an object: see schema-from-types.ts.
		expect(propertiesOf("Ssh").port).toMatchObject({
			description: "1 to 65535. Default: `22`.",
		});
		expect(component("PauseKicksDX")?.inputProperties.onDestroy).toMatchObject({
			default: "restore",
		});
		// An SDK sends a default. These are refused with samba, and with seconds.
		const { registryTool } = component("PauseKicksDX")?.inputProperties ?? {};
		expect(registryTool).not.toHaveProperty("default");
		expect(registryTool?.description).toContain("Default: `auto`");
		expect(propertiesOf("Wait").every).not.toHaveProperty("default");
		expect(propertiesOf("Wait").timeout).not.toHaveProperty("default");
	});

	it("has an enum for each set of names", () => {
		expect(typeOf("Role")).toMatchObject({
			type: "string",
			enum: [
				{ name: "Requestor", value: "requestor" },
				{ name: "Server", value: "server" },
			],
		});
		for (const name of [
			"CycleType",
			"OnDestroy",
			"OnUncertain",
			"RegistryTool",
		])
			expect(typeOf(name)).toHaveProperty("enum");
	});

	it("has plain arguments where they decide which resources exist, and no plain outputs", () => {
		expect(propertiesOf("Cycle").triggers).toMatchObject({ plain: true });
		expect(propertiesOf("Ssh").host).not.toHaveProperty("plain");
		expect(propertiesOf("CutoverStep").step).not.toHaveProperty("plain");
	});
});
