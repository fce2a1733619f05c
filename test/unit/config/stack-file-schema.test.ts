import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CONFIG } from "../../../src/config/config-schema.ts";
import {
	configSchema,
	type KeySchema,
	stackFileSchema,
} from "../../../src/config/stack-file-schema.ts";
import { HOST_KEY, openSshKey } from "../validation/ssh-keys.ts";
import { BAD_STACKS, type BadStack } from "./bad-stacks.ts";
import { GOOD_CUTOVER } from "./bad-stacks-cutovers.ts";
import { TWO_MACHINES } from "./bad-stacks-hosts.ts";
import { GOOD_STACK, host, samba, ssh } from "./good-stack.ts";
import { anyText, goodName, goodTrigger, runs } from "./typed-texts.ts";

// The JSON Schema of the stack file: ajv applies it as editors do, and refuses keywords that do not exist.
// patternErrorMessage is a keyword of editors.
const ajv = new Ajv2020({ strictTypes: false });
ajv.addVocabulary(["patternErrorMessage"]);
const validate = ajv.compile(stackFileSchema());

const isValid = (file: unknown): boolean => validate(file);

/** A stack file with these values, by key of the namespace. */
const fileOf = (config: object, namespace = "exchange-dirsync:") => ({
	config: JSON.parse(
		JSON.stringify(
			Object.fromEntries(
				Object.entries(config).map(([key, value]) => [
					`${namespace}${key.replace("exchange-dirsync:", "")}`,
					value,
				]),
			),
		),
	),
});

/** Keys without a namespace get that of the project when Pulumi reads the file. */
const accepts = (config: object) => {
	const [own, none] = ["exchange-dirsync:", ""].map((namespace) =>
		isValid(fileOf(config, namespace)),
	);
	expect(own).toBe(none);
	return own === true;
};
const withHost = (changes: Record<string, unknown>) => ({
	hosts: [host(changes)],
});

const CIPHERTEXT = { secure: "v1:4tU1Kpr8VT5fPQmk:9FnXq0kWvY1aB+/c2d==" };

describe("the schema of the stack file", () => {
	const folder = join(import.meta.dirname, "../../../stacks");

	it.each(readdirSync(folder))("accepts %s, which names it", (file) => {
		const text = readFileSync(join(folder, file), "utf8");
		expect(isValid(parse(text)), JSON.stringify(validate.errors)).toBe(true);
		expect(text).toMatch(
			/^# yaml-language-server: \$schema=\.\.\/dist\/stack-file\.schema\.json\n/,
		);
	});

	it.each<[string, object]>([
		["a host", GOOD_STACK],
		["a cutover", GOOD_CUTOVER],
		...TWO_MACHINES.map(([what, hosts]): [string, object] => [
			`two machines ${what}`,
			{ hosts },
		]),
	])("accepts %s", (_, config) => {
		expect(accepts(config), JSON.stringify(validate.errors)).toBe(true);
	});

	it("accepts what pulumi config set --secret writes", () => {
		const { hosts, cutovers } = GOOD_CUTOVER;
		const login = { privateKey: CIPHERTEXT, privateKeyPassword: CIPHERTEXT };
		const password = { password: CIPHERTEXT };
		const credentials = {
			EXCH01: { ...password, gateway: { ...login, proxy: password } },
			"PO-HARBOR": { ...login, proxy: login, adminPassword: CIPHERTEXT },
			secure: password,
		};
		expect(accepts({ hosts, cutovers, credentials })).toBe(true);
		expect(accepts({ hosts, credentials: CIPHERTEXT })).toBe(true);
		expect(
			accepts({
				hosts: CIPHERTEXT,
				cutovers: CIPHERTEXT,
				verify: CIPHERTEXT,
			}),
		).toBe(true);
		const user = { ssh: ssh({ user: CIPHERTEXT, hostKey: CIPHERTEXT }) };
		expect(accepts(withHost({ ...user, name: CIPHERTEXT }))).toBe(true);
	});

	it("refuses an encrypted value with another key, in place of an object, or that is no string", () => {
		const password = (value: unknown) => ({
			...GOOD_STACK,
			credentials: { EXCH01: { password: value } },
		});
		expect(accepts(password({ ...CIPHERTEXT, also: "x" }))).toBe(false);
		expect(accepts(password({ secure: 4711 }))).toBe(false);
		expect(accepts(withHost({ ssh: CIPHERTEXT }))).toBe(false);
		expect(accepts({ ...GOOD_STACK, hosts: [CIPHERTEXT] })).toBe(false);
	});

	it("accepts Pulumi's other keys and the configuration of other packages, and refuses any other key", () => {
		const { config } = fileOf(GOOD_STACK);
		const all = {
			secretsprovider: "awskms://alias/pulumi?region=eu-central-1",
			encryptedkey: "AQICAHhX==",
			encryptionsalt: "v1:7mG0cRkC0YU=:v1:hLxXz:AbC==",
			environment: ["corp/exchange"],
			config: { ...config, "aws:region": "x", "pulumi:tags": { team: "x" } },
		};
		expect(isValid(all), JSON.stringify(validate.errors)).toBe(true);
		expect(isValid({ ...all, environmnt: [] })).toBe(false);
		for (const key of ["exchange-dirsync:host", "exchange-dirsync:", "host"])
			expect(isValid({ config: { ...config, [key]: "x" } })).toBe(false);
	});

	it("accepts the stack file of the template, before and after Pulumi has added the project's name", () => {
		const text = readFileSync(
			join(import.meta.dirname, "../../../examples/template/Pulumi.dev.yaml"),
			"utf8",
		);
		expect(isValid(parse(text)), JSON.stringify(validate.errors)).toBe(true);
		expect(text).toMatch(
			/^# yaml-language-server: \$schema=node_modules\/exchange-dirsync\/dist\/stack-file\.schema\.json\n/,
		);
		const named = text.replace(/^ {2}hosts:/m, "  migration:hosts:");
		expect(isValid(parse(named)), JSON.stringify(validate.errors)).toBe(true);
	});

	it("validates the keys of a project of any name, and not those of another package", () => {
		const { config } = fileOf(GOOD_CUTOVER, "migration:");
		expect(isValid({ config }), JSON.stringify(validate.errors)).toBe(true);
		const others = { "gcp:credentials": "x", "dns:hosts": "x" };
		expect(isValid({ config: { ...config, ...others } })).toBe(true);
		expect(isValid({ config: { ...config, "migration:owner": "x" } })).toBe(
			true,
		);
		expect(isValid(fileOf({ hosts: [{ name: "A" }] }, "migration:"))).toBe(
			false,
		);
		const [cutover] = GOOD_CUTOVER.cutovers;
		const noServer = cutover?.postOffices.map((office) => ({
			...office,
			role: "requestor",
		}));
		const wrong = { ...cutover, postOffices: noServer };
		expect(
			isValid(fileOf({ ...GOOD_CUTOVER, cutovers: [wrong] }, "migration:")),
		).toBe(false);
	});

	it("requires hosts, unless an environment may contain them", () => {
		expect(isValid({})).toBe(false);
		expect(isValid({ config: { "aws:region": "x" } })).toBe(false);
		expect(validate.errors).toContainEqual(
			expect.objectContaining({
				...{ instancePath: "/config", keyword: "required" },
				params: { missingProperty: "hosts" },
			}),
		);
		expect(isValid({ environment: ["corp/exchange"] })).toBe(true);
	});

	it("refuses a role that is mistyped in YAML", () => {
		const text = (role: string) => `
config:
  exchange-dirsync:hosts:
    - name: EXCH01
      role: ${role}
      ssh:
        host: exch01.corp.example
        user: Administrator
        hostKey: ${HOST_KEY}
`;
		expect(isValid(parse(text("requestor")))).toBe(true);
		expect(isValid(parse(text("requester")))).toBe(false);
		expect(validate.errors).toMatchObject([
			{ instancePath: "/config/exchange-dirsync:hosts/0/role" },
		]);
	});
});

/** JSON Schema cannot compare one value with another, or decode a key. */
const UNDETECTED = [
	"the same name, and in other letters",
	"the name of another host's trigger resource",
	"one machine under two names, by its host key, with a comment or without",
	"one machine under two names, by its address, with other keys of its own",
	"one machine under two names, by its address, whatever its host key",
	"one machine under two names, behind one proxy under two names",
	"one machine under three names",
	"one machine under two names, by samba",
	"one machine under two names, by samba through one gateway",
	"credentials: none",
	"credentials: for nobody",
	"credentials: in other letters than the host's",
	"credentials: a key cut short",
	"credentials: a key of another text",
	"credentials: an encrypted key without its pass phrase",
	"credentials: an older encrypted key without its pass phrase",
	"credentials: for a proxy, where there is none",
	"credentials: none for the proxy",
	"credentials: none for the proxy, by default",
	"credentials: a key in place of the password, and no proxy",
	"credentials: a password that begins with a blank",
	"credentials: a gateway that there is not",
	"post offices of one name",
	"a wait on a host that is no part of it",
	"a wait on an Exchange host that is reached by samba",
	"two cutovers, one called like the steps of the other",
	"a post office without its administrator's password",
	"a host with an administrator's password",
	"a post office called like a host",
];

it("the schema refuses every invalid stack that JSON Schema can detect", () => {
	const yaml = ({ config }: BadStack) =>
		typeof config === "string" ? (parse(config) ?? {}) : config;
	const undetected = BAD_STACKS.filter((row) => accepts(yaml(row)));
	expect(undetected.map(({ what }) => what)).toEqual(UNDETECTED);
});

/** Whether the schema in zod accepts the configuration. It does not compare keys with each other. */
const zodAccepts = (config: Record<string, unknown>): boolean =>
	Object.entries(CONFIG).every(
		([key, schema]) => schema.safeParse(config[key]).success,
	);

describe("a rule that is code in zod", () => {
	const cutover = (changes: Record<string, unknown>) => ({
		...GOOD_CUTOVER,
		cutovers: GOOD_CUTOVER.cutovers.map((one) => ({ ...one, ...changes })),
	});
	const [office] = GOOD_CUTOVER.cutovers.flatMap((one) => one.postOffices);
	const inFolder = (directory: unknown) =>
		cutover({ postOffices: [{ ...office, directory }] });
	const wait = (t1Delivered: unknown) =>
		cutover({ waits: { t1Delivered, t2Delivered: { seconds: 0 } } });
	const login = (changes: Record<string, unknown>) => ({
		hosts: [],
		credentials: { EXCH01: { password: "x", ...changes } },
	});
	const overSamba = (changes: Record<string, unknown>) =>
		withHost({ ssh: undefined, samba: samba(changes) });
	const address = fc
		.array(
			fc.constantFrom(..."a1.-_:%", "255", "256", "0", "exch01", "10.0.0.9"),
			{ maxLength: 8 },
		)
		.map((parts) => parts.join(""));
	const triggers = (trigger: unknown) =>
		withHost({ cycle: { triggers: [trigger] } });
	const number = fc.oneof(
		fc.integer(),
		fc.double({ noNaN: true, noDefaultInfinity: true }),
		fc.constantFrom(2 ** 53, 2 ** 53 - 1, 1.1, 1e300),
	);

	it.each<
		[string, fc.Arbitrary<unknown>, (value: unknown) => Record<string, unknown>]
	>([
		["a name", goodName, (name) => withHost({ name })],
		[
			"a name default",
			fc.mixedCase(fc.constant("default")),
			(name) => withHost({ name }),
		],
		["a trigger", goodTrigger, triggers],
		["a trigger that is a number", number, triggers],
		["a user", goodTrigger, (user) => withHost({ ssh: ssh({ user }) })],
		["a user of samba", goodTrigger, (user) => overSamba({ user })],
		["a password", goodTrigger, (password) => login({ password })],
		[
			"an administrator's password",
			fc.string({ maxLength: 65 }),
			(adminPassword) => login({ adminPassword }),
		],
		[
			"a command",
			goodTrigger,
			(command) => wait({ host: "A", command, contains: "x" }),
		],
		[
			"a searched text",
			goodTrigger,
			(contains) => wait({ host: "A", command: "x", contains }),
		],
		["a directory", goodTrigger.map((text) => `C:\\${text}`), inFolder],
		[
			"a host key",
			fc.constantFrom(
				HOST_KEY,
				`${HOST_KEY} `,
				`${HOST_KEY} a comment`,
				` ${HOST_KEY}\n`,
			),
			(hostKey) => withHost({ ssh: ssh({ hostKey }) }),
		],
		[
			"a private key",
			fc.constantFrom(
				openSshKey(),
				openSshKey().replaceAll("\n", "\r\n"),
				openSshKey().trim(),
				`a\n${openSshKey()}`,
			),
			(privateKey) => login({ privateKey }),
		],
		[
			"a host key, or none",
			fc.record(
				{ hostKey: fc.constant(HOST_KEY), insecureIgnoreHostKey: fc.boolean() },
				{ requiredKeys: [] },
			),
			(keys) =>
				withHost({ ssh: { host: "a", user: "b", ...(keys as object) } }),
		],
		[
			"a transport",
			fc.record(
				{
					ssh: fc.constant(ssh()),
					samba: fc.constantFrom(samba(), samba({ legacy: true })),
					registryTool: fc.constant("reg"),
					name: fc.constant("A".repeat(16)),
				},
				{ requiredKeys: [] },
			),
			(keys) => withHost({ ssh: undefined, ...(keys as object) }),
		],
		[
			"a wait",
			fc.record(
				{
					seconds: fc.constant(1),
					host: fc.constant("A"),
					command: fc.constant("x"),
					contains: fc.constant("x"),
					every: fc.constantFrom(0, 1),
					timeout: fc.constant(0),
				},
				{ requiredKeys: [] },
			),
			wait,
		],
	])("accepts and refuses %s as zod does", (_, usual, config) => {
		fc.assert(
			fc.property(fc.oneof(usual, anyText), (value) => {
				expect(accepts(config(value))).toBe(zodAccepts(config(value)));
			}),
			{ numRuns: runs(300) },
		);
	});

	it.each([
		["ssh", (text: string) => withHost({ ssh: ssh({ host: text }) })],
		["samba", (text: string) => overSamba({ host: text })],
	])(
		"accepts and refuses an address of %s as zod does, apart from mistakes in IPv6",
		(_, config) => {
			fc.assert(
				fc.property(
					fc.oneof(address, fc.ipV4(), fc.ipV6(), anyText),
					(text) => {
						const isLikeIp6 = /^[^:]*:.*:/.test(text);
						const expected = zodAccepts(config(text));
						if (expected || !isLikeIp6)
							expect(accepts(config(text))).toBe(expected);
					},
				),
				{ numRuns: runs(1000) },
			);
		},
	);
});

describe("each key of the configuration", () => {
	const all: [path: string, key: KeySchema][] = [];
	const collect = (schema: KeySchema, path: string): void => {
		for (const [key, property] of Object.entries(schema.properties ?? {})) {
			all.push([`${path}${key}`, property]);
			collect(property, `${path}${key}.`);
		}
		if (schema.items) collect(schema.items, path);
		if (typeof schema.additionalProperties === "object")
			collect(schema.additionalProperties, path);
	};
	collect(configSchema(), "");

	it("has a description, and a text has its rule in words", () => {
		expect(all.length).toBeGreaterThan(80);
		for (const [path, { description, type, values, enum: words }] of all) {
			expect(description, path).toMatch(/^[a-z`].*[^.]$/);
			if (type === "string" && !words) expect(values, path).toMatch(/\S/);
		}
	});

	it("has no link in its description for editors", () => {
		const links = /"description":"[^"]*\]\(/;
		expect(JSON.stringify(configSchema())).toMatch(links);
		expect(JSON.stringify(stackFileSchema())).not.toMatch(links);
	});
});
