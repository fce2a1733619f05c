import { copyFile, mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { DirsyncParty, namesOf } from "./dirsync-party.ts";
import { HeldFile } from "./held-file.ts";
import type { LabHost } from "./lab-host.ts";
import { type ProgramCall, readCalls } from "./program-log.ts";
import { prepareLab } from "./template.ts";

export interface PostOfficeOptions {
	name: string;
	/** `server`: the dirsync server, and a requestor of its own too, as every one is. */
	role: "server" | "requestor";
	/** The letter of the drive on which the host has it. */
	drive: string;
	/** Where its programs are. @default "C:\\MAILEXE" */
	directory?: string;
	/** Its administrator. @default "admin" */
	admin?: string;
	password: string;
	/** Who has a mailbox there: changes that no dirsync server knows yet. */
	users?: string[];
	/** Its dirsync server, not needed for the server itself. */
	server?: { address: string };
}

/** A program of a post office, as it is called. */
export type PostOfficeProgram = "reqmain" | "srvmain" | "import" | "rebuild";

const PROGRAMS: PostOfficeProgram[] = [
	"reqmain",
	"srvmain",
	"import",
	"rebuild",
];

/** A Microsoft Mail post office on a drive of a host, with its programs. What there is of it is read from its files. */
export class PostOffice extends DirsyncParty {
	/** Its directory on this machine. */
	readonly dir: string;
	readonly drive: string;
	/** Where its programs are, as the host says it. */
	readonly directory: string;
	readonly #host: LabHost;

	private constructor(host: LabHost, options: PostOfficeOptions) {
		const { name, drive, directory = "C:\\MAILEXE" } = options;
		const dir = join(host.dir, "post-offices", name);
		super(name, addressOf(name), {
			data: join(dir, "GLB"),
			in: join(dir, "MBG/SYSTEM"),
			out: join(dir, "P1"),
		});
		this.dir = dir;
		this.drive = drive.toUpperCase();
		this.directory = directory;
		this.#host = host;
	}

	override get log(): string {
		return join(this.dir, "LOG");
	}

	/** T0, as the administrator's program does it. */
	async addUser(...names: string[]): Promise<void> {
		await this.append("USERS.GLB", names);
		await this.change("+", names);
	}

	async removeUser(...names: string[]): Promise<void> {
		const users = await this.lines("USERS.GLB");
		await this.write(
			"USERS.GLB",
			users.filter((user) => !names.includes(user)),
		);
		await this.change("-", names);
	}

	/** The names in its global address list, as its last REBUILD left it. */
	async addressList(): Promise<string[]> {
		return namesOf(await this.lines("../NME/GAL.NME"));
	}

	/** The calls of its programs, by whomever. */
	async calls(): Promise<ProgramCall[]> {
		const calls = await readCalls(join(this.#host.dir, "lab/programs.log"));
		const own = new RegExp(`(^| )-d${this.drive}( |$)`, "i");
		return calls.filter(({ args }) => own.test(args));
	}

	/** ADMIN.EXE runs, until it is released: 91. */
	lockPostOffice(): Promise<HeldFile> {
		return HeldFile.hold(this.#host, `${this.drive}:\\GLB\\FLAG.GLB`);
	}

	/** A client has the address list open, until it is released: 203. */
	openAddressList(): Promise<HeldFile> {
		return HeldFile.hold(this.#host, `${this.drive}:\\NME\\GAL.NME`);
	}

	/** This program is not there any more. */
	async removeProgram(program: PostOfficeProgram): Promise<void> {
		await rm(this.#program(program));
	}

	restoreProgram(program: PostOfficeProgram): Promise<void> {
		return place(program, this.#program(program));
	}

	/** Makes the drive with the post office on it, and its programs; one that is there already keeps what it has. */
	static async add(
		host: LabHost,
		options: PostOfficeOptions,
	): Promise<PostOffice> {
		const office = new PostOffice(host, options);
		await office.#install();
		const { role, admin = "admin", password, users = [], server } = options;
		const partner = role === "server" ? office : server;
		const account = { admin, password };
		const fresh = await office.make(
			account,
			partner?.address,
			role === "server",
		);
		if (!fresh) return office;
		if (role === "server") await office.register(office);
		await office.addUser(...users);
		return office;
	}

	async #install(): Promise<void> {
		for (const folder of ["NME", "LOG"])
			await mkdir(join(this.dir, folder), { recursive: true });
		const drives = join(this.#host.dir, "prefix/dosdevices");
		const drive = join(drives, `${this.drive.toLowerCase()}:`);
		await rm(drive, { force: true });
		await symlink(`../../post-offices/${this.name}`, drive);
		const system = join(this.#host.dir, "prefix/drive_c/windows/system32");
		await place("forcedos", join(system, "forcedos.exe"));
		await place("holder", join(this.#host.dir, "lab/holder.exe"));
		await mkdir(this.#programFolder, { recursive: true });
		for (const program of PROGRAMS) await this.restoreProgram(program);
	}

	get #programFolder(): string {
		const below = this.directory.replace(/^C:\\/i, "").replaceAll("\\", "/");
		return join(this.#host.dir, "prefix/drive_c", below);
	}

	#program(program: PostOfficeProgram): string {
		return join(this.#programFolder, `${program.toUpperCase()}.EXE`);
	}
}

/** Whole at once: the file that it takes the place of may run. */
async function place(program: string, file: string): Promise<void> {
	const { programs } = await prepareLab();
	await copyFile(join(programs, `${program}.exe`), `${file}.new`);
	await rename(`${file}.new`, file);
}

/** As PostOffice.add. */
export const addPostOffice = PostOffice.add;

/** A post office's name in mail; all are in one network. */
const addressOf = (name: string): string => `NET/${name}/$SYSTEM`;
