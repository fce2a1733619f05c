import { chmod, copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { installPackages } from "./packages.ts";
import {
	findProgram,
	isThere,
	run,
	type Step,
	versionAtLeast,
} from "./programs.ts";

/** The first version of Go that downloads the newer Go that a go.mod requires. */
const SELF_UPDATING = "1.21.0";
/** The version of Go that the go.mod files require. */
const WANTED = "1.26.6";

/** The options that all our Go commands have in common. */
export type GoStep = Pick<Step, "advice" | "env" | "onLine">;

/** Installs Debian's Go if there is no Go on PATH. */
export async function ensureGo(env: NodeJS.ProcessEnv): Promise<void> {
	if (!(await findProgram("go", env.PATH))) {
		await installPackages("pulumi", ["golang-go"], env);
	}
}

/** Creates the options, with an environment without the user's Go settings. */
export function goStep(
	env: NodeJS.ProcessEnv,
	onLine: (line: string) => void,
): GoStep {
	return {
		onLine,
		advice: "see what the output says, or put pulumi on PATH, and start again",
		env: {
			...env,
			CGO_ENABLED: "0",
			GO111MODULE: "on",
			// If this were empty, Go would use the flags of the user's settings file.
			GOFLAGS: "-buildvcs=false",
			// The user's GOROOT does not match a downloaded Go.
			GOROOT: undefined,
			GOTOOLCHAIN: "auto",
			GOWORK: "off",
		},
	};
}

/**
 * Returns the Go to build with, and its options. It is the one on PATH. If that is too old to download a newer one
 * itself, as in Debian 12, the newer one is downloaded as a module. A user without a cache of Go modules probably
 * does not use Go: the modules then go into `scratch`, because otherwise 3 GB would stay in the home folder.
 */
export async function newEnoughGo(
	scratch: string,
	step: GoStep,
): Promise<{ go: string; step: GoStep }> {
	const ask = (...question: string[]) =>
		run(["go", ...question], {
			...step,
			env: { ...step.env, GOTOOLCHAIN: "local" },
			cwd: scratch,
			what: `go ${question.join(" ")}`,
			limitSeconds: 30,
		});
	const isNew = versionAtLeast(await ask("version"), SELF_UPDATING);
	const cache = (await ask("env", "GOMODCACHE")).trim();
	if (isNew && (await isThere(cache))) return { go: "go", step };

	const env = {
		...step.env,
		GOCACHE: join(scratch, "cache"),
		GOMODCACHE: join(scratch, "modules"),
		GOPATH: join(scratch, "path"),
		GOFLAGS: `${step.env.GOFLAGS} -modcacherw`,
	};
	const apart = { ...step, env };
	return { go: isNew ? "go" : await fetchGo(scratch, apart), step: apart };
}

/**
 * Downloads Go as a module and completes it, as a newer Go does itself: in a module no file is executable, and no
 * file may have the name go.mod.
 */
async function fetchGo(scratch: string, step: GoStep): Promise<string> {
	const cpu = process.arch === "x64" ? "amd64" : process.arch;
	const module = `golang.org/toolchain@v0.0.1-go${WANTED}.${process.platform}-${cpu}`;
	const what = `go mod download -json ${module}`;
	const download = await run(what.split(" "), {
		...step,
		cwd: scratch,
		what,
		limitSeconds: 600,
	});
	const { Dir: root } = JSON.parse(download) as { Dir: string };
	for (const file of await readdir(root, { recursive: true })) {
		const path = join(root, file);
		if (file.endsWith("/_go.mod")) {
			await copyFile(path, path.replace(/_go\.mod$/, "go.mod"));
		}
		if (/^(bin|pkg\/tool\/[^/]+)\/[^/]+$/.test(file)) await chmod(path, 0o755);
	}
	return join(root, "bin/go");
}
