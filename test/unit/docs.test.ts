import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseConfig } from "../../src/config/load-config.ts";
import { connectionOutcomes, outcomes } from "../../src/protocol/outcomes.ts";
import { withTables } from "./configuration-tables.ts";

// README, CONTRIBUTING and docs: their links have targets, their lists are complete, and their examples work.
const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

const PAGES = [
	"README.md",
	"CONTRIBUTING.md",
	...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
		.filter((file) => file.endsWith(".md"))
		.map((file) => `docs/${file}`),
].sort();

/** Tables that tests write. Those tests also check the wording. */
const isGenerated = (page: string) => /^docs\/faults-[\w-]+\.md$/.test(page);
const WRITTEN = PAGES.filter((page) => !isGenerated(page));

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The fenced blocks of a page in one language. */
const blocks = (page: string, language: string): string[] =>
	[...read(page).matchAll(FENCE)]
		.filter(([, found]) => found === language)
		.map(([, , text = ""]) => text);

/** The text of a page without code. */
const prose = (page: string): string =>
	read(page)
		.replace(FENCE, "")
		.replace(/`[^`]*`/g, "");

/** The anchors of a page, by GitHub's rules: the second heading with the same text gets a number. */
function anchors(page: string): Set<string> {
	const found = new Map<string, number>();
	const all = new Set<string>();
	for (const [, heading = ""] of read(page)
		.replace(FENCE, "")
		.matchAll(/^#{1,6} +(.+?) *$/gm)) {
		const slug = heading
			.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
			.toLowerCase()
			.replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, "")
			.replaceAll(" ", "-");
		const times = found.get(slug) ?? 0;
		found.set(slug, times + 1);
		all.add(times === 0 ? slug : `${slug}-${times}`);
	}
	return all;
}

describe.each(PAGES)("%s", (page) => {
	const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
		.map(([, target = ""]) => target)
		.filter((target) => !/^[a-z]+:/.test(target))
		// The Pulumi Registry has a folder for each page.
		.filter((target) => target !== "./installation-configuration/");

	it("links only to files and headings that exist", () => {
		const broken = links.filter((target) => {
			const [path = "", anchor] = target.split("#");
			const file = path ? join(dirname(page), path) : page;
			if (!existsSync(join(ROOT, file))) return true;
			return anchor !== undefined && !anchors(file).has(anchor);
		});
		expect(broken).toEqual([]);
	});
});

describe.each(WRITTEN)("%s", (page) => {
	it("names only source files that exist", () => {
		const paths = [
			...read(page).matchAll(/`((?:src|test|docs|stacks)\/[^`]*)`/g),
		]
			.map(([, path = ""]) => path)
			.filter((path) => !/[*<\s]/.test(path));
		const missing = paths.filter((path) => !existsSync(join(ROOT, path)));
		expect(missing).toEqual([]);
	});

	it("shows only npm and npx commands that exist", () => {
		const { scripts, bin } = JSON.parse(read("package.json"));
		const commands = [
			...read(page).matchAll(
				/\b(npm run|npm|npx)(?: --?[a-z-]+)* ([a-z][\w:-]*)/g,
			),
			// "npm is" in a sentence is not a command.
		].filter(([text]) => !prose(page).includes(text));
		const strange = commands.filter(([, runner, name = ""]) => {
			if (runner === "npx" && Object.hasOwn(bin, name)) return false;
			if (runner === "npx")
				return !existsSync(join(ROOT, "node_modules/.bin", name));
			const own = ["ci", "pack", "install"];
			return !Object.hasOwn(scripts, name) && !own.includes(name);
		});
		expect(strange.map(([text]) => text)).toEqual([]);
	});

	it("contains no word that the project no longer uses", () => {
		const found = OLD_WORDS.flatMap((word) =>
			[...prose(page).matchAll(word)].map(([text]) => text),
		);
		expect(found).toEqual([]);
	});

	it("contains no old value of a renamed option", () => {
		expect(read(page)).not.toMatch(
			/onUncertain`?: `?kick|not-looked|"looked"|\blooked: /,
		);
	});
});

const OLD_WORDS = [
	/\blook(s|ed|ing)?\b/gi,
	/\b(tell|tells|told|says|said)\b/gi,
	/\b(stands|behind|beside|anew|nobody|somebody|whoever|owed)\b/gi,
	/\bways? in\b/gi,
	/\b(broken|broke|breaks?) off\b/gi,
	/\b(comes|came|become|becomes|became) of\b/gi,
	/\b(goes|go|went) by\b/gi,
	/\blate echo/gi,
	/\bat work\b/gi,
	/\bdrift is none\b/gi,
];

describe("README.md", () => {
	it("has at most 150 lines", () => {
		expect(read("README.md").trimEnd().split("\n").length).toBeLessThan(151);
	});
});

it.each(["README.md", "docs/library.md"])(
	"%s has programs that compile",
	(page) => {
		const samples = blocks(page, "ts");
		expect(samples).not.toEqual([]);
		for (const sample of samples) expect(typeErrors(sample)).toEqual([]);
	},
	60_000,
);

/** Returns the type errors of a program that imports the library by its package name. */
function typeErrors(program: string): string[] {
	const file = join(ROOT, "test/unit/sample.ts");
	const options: ts.CompilerOptions = {
		...{ strict: true, noEmit: true, skipLibCheck: true },
		...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node20 },
		types: ["node"],
		paths: {
			"exchange-dirsync": [join(ROOT, "src/index.ts")],
			"exchange-dirsync/testing": [join(ROOT, "src/testing.ts")],
		},
	};
	const host = ts.createCompilerHost(options);
	const getSourceFile = host.getSourceFile.bind(host);
	const fileExists = host.fileExists.bind(host);
	host.fileExists = (name) => name === file || fileExists(name);
	host.getSourceFile = (name, target, ...rest) =>
		name === file
			? ts.createSourceFile(name, program, target)
			: getSourceFile(name, target, ...rest);
	return ts
		.getPreEmitDiagnostics(ts.createProgram([file], options, host))
		.map(({ messageText }) =>
			ts.flattenDiagnosticMessageText(messageText, "\n"),
		);
}

const HOST_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6vTHxQCZgApwbxZDkGDGPgXiylcTNzf90wh1W929WE";

describe("a stack file in the documentation", () => {
	const stacks = WRITTEN.flatMap((page) =>
		blocks(page, "yaml")
			.filter((text) => text.startsWith("config:"))
			.map((text) => [page, text] as const),
	);

	it("is on the pages that start with one", () => {
		expect(stacks.map(([page]) => page)).toEqual(
			expect.arrayContaining(["README.md", "docs/cutover.md", "docs/samba.md"]),
		);
	});

	it.each(stacks)("in %s is accepted", (_, text) => {
		const { config } = parse(text.replaceAll("ssh-ed25519 AAAA...", HOST_KEY));
		const login = { password: "a-password" };
		config["exchange-dirsync:credentials"] = {
			default: { ...login, proxy: login, gateway: login, adminPassword: "x" },
		};
		const given = Object.entries(config).map(([key, value]) => [
			key.replace("exchange-dirsync:", ""),
			JSON.stringify(value),
		]);
		const { hosts } = parseConfig(Object.fromEntries(given), stringify(text));
		expect(hosts.length).toBeGreaterThan(0);
	});
});

describe("docs/troubleshooting.md", () => {
	const page = read("docs/troubleshooting.md");

	it.each([
		...new Set([...Object.keys(outcomes), ...Object.keys(connectionOutcomes)]),
	])("explains %s", (code) => {
		expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\| \\S`, "m"));
	});

	it("explains no code that does not exist", () => {
		const [, table = ""] = page.split(/^## Outcome codes$/m);
		const codes = [...table.matchAll(/^\| `([^`]+)`/gm)].map(
			([, code]) => code,
		);
		expect(codes.length).toBeGreaterThan(40);
		for (const code of codes)
			expect([
				...Object.keys(outcomes),
				...Object.keys(connectionOutcomes),
			]).toContain(code);
	});
});

describe("CONTRIBUTING.md", () => {
	const rows = [
		...read("CONTRIBUTING.md").matchAll(
			/^\| \d+ \| `(\w+)` \| `(src\/[^`]+)` \|/gm,
		),
	];

	it("lists the functions from the stack file to the wire", () => {
		expect(rows.length).toBeGreaterThan(10);
	});

	it.each(rows.map(([, name = "", file = ""]) => [name, file]))(
		"lists %s, which is exported by %s",
		(name, file) => {
			expect(read(file)).toMatch(
				new RegExp(`export (async function|function|const|class) ${name}\\b`),
			);
		},
	);

	it("names every folder of src", () => {
		const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true })
			.filter((entry) => entry.isDirectory())
			.filter(({ name }) => readdirSync(join(ROOT, "src", name)).length > 0);
		for (const { name } of folders)
			expect(read("CONTRIBUTING.md")).toMatch(
				new RegExp(`^\\| \`src/${name}/[^|]*\` \\| \\S`, "m"),
			);
	});
});

// `npx vitest run --project unit test/unit/docs.test.ts -u` writes the tables again.
it("docs/configuration.md has the tables of the schema", async () => {
	const page = "docs/configuration.md";
	await expect(withTables(read(page))).toMatchFileSnapshot(join(ROOT, page));
});

// `npx vitest run --project unit test/unit/docs.test.ts -u` writes the programs again.
it("docs/_index.md, for the Pulumi Registry, has the programs of examples/", async () => {
	const files = {
		typescript: "index.ts",
		python: "__main__.py",
		go: "main.go",
		yaml: "Pulumi.yaml",
	};
	const programs = ["one-host", "fleet", "cutover"].flatMap((example) =>
		Object.entries(files).map(([language, file]) =>
			read(join("examples", example, language, file)),
		),
	);
	const page = read("docs/_index.md");
	expect([...page.matchAll(FENCE)]).toHaveLength(programs.length);
	await expect(
		page.replace(
			FENCE,
			(_, language) => `\`\`\`${language}\n${programs.shift()}\`\`\``,
		),
	).toMatchFileSnapshot(join(ROOT, "docs/_index.md"));
});

// The Pulumi Registry shows these two.
const REGISTRY = ["docs/_index.md", "docs/installation-configuration.md"];

it("README.md or docs/testing.md links to every page", () => {
	const linked = new Set(
		["README.md", "docs/testing.md"].flatMap((page) =>
			[...read(page).matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, path = ""]) =>
				relative(ROOT, join(ROOT, dirname(page), path)),
			),
		),
	);
	expect(
		PAGES.filter(
			(page) =>
				page !== "README.md" && !REGISTRY.includes(page) && !linked.has(page),
		),
	).toEqual([]);
});
