import { expect, it } from "vitest";
import { prepareChromium } from "../../toolchain/chromium.ts";
import { installPackages, lookForLab } from "../../toolchain/packages.ts";
import { machine } from "./machine.ts";

it("finds missing packages by their programs", async () => {
	const { env, program } = await machine();
	const ssh = await program("ssh", "");
	const wine = await program("wine", "");
	const { found, missing } = await lookForLab(env.PATH);
	expect(found).toContain(ssh);
	expect(found).toContain(wine);
	expect(missing).not.toContain("wine");
	// ssh is only one program of the package.
	expect(missing).toContain("openssh-client");
	expect(missing).toContain("gcc-mingw-w64-x86-64");
	expect(missing).toContain("samba-common-bin");
});

it("prints the command line if it does not run as root", async () => {
	const { env, program } = await machine();
	await program("apt-get", "exit 99");
	await expect(
		installPackages("lab", ["wine", "wine64"], env, false),
	).rejects.toThrow(
		"run: sudo apt-get update && sudo apt-get install --no-install-recommends wine wine64",
	);
});

it("prints the output of apt-get if it fails", async () => {
	const { env, program } = await machine();
	await program("sh", "echo Unable to locate package wine64; exit 100");
	await program("apt-get", "");
	await expect(
		installPackages("lab", ["wine", "wine64"], env, true),
	).rejects.toThrow(
		"lab: apt-get install --no-install-recommends wine wine64: failed with exit code 100, got \nUnable to locate package wine64\n; install them by hand",
	);
});

it("prints what to install on a system without apt-get", async () => {
	const { env } = await machine();
	await expect(
		installPackages("lab", ["wine", "wine64"], env, true),
	).rejects.toThrow(
		"lab: system packages are missing, got a system without apt-get; install what Debian calls wine, wine64 (",
	);
});

it("installs a browser only if there is none, and reports one that cannot be found", async () => {
	const { env, program } = await machine();
	await program("apt-get", "");
	await program("sh", "");
	await expect(prepareChromium(env, true)).rejects.toThrow(
		"the package chromium is installed, but there is no chromium on PATH; run: apt-get install --reinstall chromium",
	);
	const chromium = await program("chromium", "");
	expect(await prepareChromium(env, true)).toBe(chromium);
});
