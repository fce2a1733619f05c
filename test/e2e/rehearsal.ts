import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { HOST_KEY } from "../unit/validation/ssh-keys.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The addresses of the stack, which no machine has (RFC 5737). */
export const ADDRESS = "192.0.2.";

const login = (last: number) => ({
	...{ host: `${ADDRESS}${last}`, user: "Administrator", hostKey: HOST_KEY },
});

/** What neither example stack has. */
const STACK = {
	hosts: [
		{
			...{ name: "EXCH01", role: "requestor" },
			samba: {
				...{ host: `${ADDRESS}1`, user: "SITE\\Administrator", legacy: true },
				gateway: login(2),
			},
		},
		{
			...{ name: "EXCH02", role: "server", ssh: login(3) },
			cycle: { triggers: ["initial-import"] },
		},
	],
	cutovers: [
		{
			...{ name: "harbor", run: "cutover-1", exchange: "EXCH01" },
			postOffices: [
				{
					...{ name: "PO-HARBOR", role: "server", drive: "X", admin: "chief" },
					ssh: { ...login(4), proxy: login(5) },
					...{ directory: "C:\\MAILEXE", launcher: "forcedos" },
				},
			],
			waits: {
				t1Delivered: {
					...{ host: "PO-HARBOR", command: "type X:\\LOG\\RECV.LOG" },
					contains: "SYSTEM1",
				},
				t2Delivered: { seconds: 600 },
			},
		},
	],
};

/** The program of `npm run rehearse`. */
const PROGRAM = [
	join(ROOT, "node_modules/.bin/tsx"),
	join(ROOT, "test/rehearse/main.ts"),
] as const;

/** A user's folder with the stack `weekend`, and `npm run rehearse` in it. */
export class Rehearsal {
	readonly dir: string;

	private constructor(dir: string) {
		this.dir = dir;
	}

	static async make(): Promise<Rehearsal> {
		const rehearsal = new Rehearsal(
			await mkdtemp(join(tmpdir(), "dirsync-rehearse-")),
		);
		await mkdir(join(rehearsal.dir, "stacks"));
		await mkdir(rehearsal.hosts);
		await rehearsal.addStack("weekend", STACK);
		return rehearsal;
	}

	/** Adds a stack file with these keys. */
	async addStack(name: string, values: object): Promise<void> {
		const config = Object.fromEntries(
			Object.entries(values).map(([key, value]) => [
				`exchange-dirsync:${key}`,
				value,
			]),
		);
		const file = join(this.dir, `stacks/Pulumi.${name}.yaml`);
		await writeFile(file, stringify({ config }));
	}

	get stackFile(): string {
		return join(this.dir, "stacks/Pulumi.weekend.yaml");
	}

	/** Starts `npm run rehearse` with these arguments. */
	run(...args: string[]) {
		const [program, ...rest] = PROGRAM;
		return execa(program, [...rest, ...args], {
			...{ cwd: this.dir, all: true, reject: false },
		});
	}

	/** Its lab hosts are in this folder, if it runs in the foreground. */
	get hosts(): string {
		return join(this.dir, "tmp");
	}

	/** The same as a line of a shell, in a process group of its own, which a terminal sends Ctrl-C to. */
	inForeground(...words: string[]) {
		return execa("sh", ["-c", `exec ${PROGRAM.join(" ")} ${words.join(" ")}`], {
			...{ cwd: this.dir, all: true, reject: false, detached: true },
			env: { TMPDIR: this.hosts },
		});
	}

	end(): Promise<void> {
		return rm(this.dir, { recursive: true, force: true });
	}
}
