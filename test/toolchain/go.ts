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

/** The first Go that by itself fetches the newer one a go.mod asks for. */
const SELF_UPDATING = "1.21.0";
/** The Go that the go.mod files ask for. */
const WANTED = "1.26.6";

/** How a Go command of ours is run, but for what it does and how long it may take. */
export type GoStep = Pick<Step, "advice" | "env" | "onLine">;

/** Makes sure that some Go is on PATH: Debian's where there is none. */
export async function ensureGo(env: NodeJS.ProcessEnv): Promise<void> {
	if (!(await findProgram("go", env.PATH))) {
		await installPackages("pulumi", ["golang-go"], env);
	}
}

/** The step's environment, freed from what a Go user may have set for other work. */
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
			// Never empty: Go would then take the flags of the user's own settings file.
			GOFLAGS: "-buildvcs=false",
			// Another Go's, where the one that builds is fetched.
			GOROOT: undefined,
			GOTOOLCHAIN: "auto",
			GOWORK: "off",
		},
	};
}

/**
 * The Go to build with, and how: the one on PATH, or, where that is too old to fetch a newer one by itself (Debian 12's),
 * the newer one, which is published as a module. Who has no cache of Go modules is no Go user: 3 GB of them would stay
 * in his home, so they go into `scratch`.
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
 * Fetches a Go as a module and does for it what a newer Go does by itself: files of a module are never executable, and
 * none of them may be called go.mod.
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
