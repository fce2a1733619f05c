import {
	copyFile,
	mkdir,
	rename,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { DirsyncParty, namesOf } from "./dirsync-party.ts";
import { HeldFile } from "./held-file.ts";
import type { LabHost } from "./lab-host.ts";
import { type ProgramCall, readCalls } from "./program-log.ts";
import { prepareLab } from "./template.ts";

export interface PostOfficeOptions {
	name: string;
	/** `server`: the dirsync server, which is also its own requestor. */
	role: "server" | "requestor";
	/** The drive letter of the post office on the host. */
	drive: string;
	/** The directory of its programs. @default "C:\\MAILEXE" */
	directory?: string;
	/** The name of its administrator. @default "admin" */
	admin?: string;
	password: string;
	/** The users with a mailbox there. No dirsync server knows these changes yet. */
	users?: string[];
	/** Its dirsync server. Not needed for the server itself. */
	server?: { address: string };
}

/** The name of a post office's program. */
export type PostOfficeProgram = "reqmain" | "srvmain" | "import" | "rebuild";

const PROGRAMS: PostOfficeProgram[] = [
	"reqmain",
	"srvmain",
	"import",
	"rebuild",
];

/** A Microsoft Mail post office on a drive of a host, with its programs. Its state is read from its files. */
export class PostOffice extends DirsyncParty {
	/** Its directory on this machine. */
	readonly dir: string;
	readonly drive: string;
	/** The directory of its programs, on the host. */
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

	/** Empty unless a mail network writes it. */
	override get mailbag(): string {
		return join(this.dir, "MBG/SYSTEM.MBG");
	}

	/** T0: adds a user, as the administrator's program does. */
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

	/** The names in its global address list, as the last REBUILD wrote it. */
	async addressList(): Promise<string[]> {
		return namesOf(await this.lines("../NME/GAL.NME"));
	}

	/** The calls of its programs, by any caller. */
	async calls(): Promise<ProgramCall[]> {
		const calls = await readCalls(join(this.#host.dir, "lab/programs.log"));
		const own = new RegExp(`(^| )-d${this.drive}( |$)`, "i");
		return calls.filter(({ args }) => own.test(args));
	}

	/** Simulates a running ADMIN.EXE until it is released: error 91. */
	lockPostOffice(): Promise<HeldFile> {
		return HeldFile.hold(this.#host, `${this.drive}:\\GLB\\FLAG.GLB`);
	}

	/** Simulates a client that has the address list open until it is released: error 203. */
	openAddressList(): Promise<HeldFile> {
		return HeldFile.hold(this.#host, `${this.drive}:\\NME\\GAL.NME`);
	}

	/** Deletes this program. */
	async removeProgram(program: PostOfficeProgram): Promise<void> {
		await rm(this.#program(program));
	}

	restoreProgram(program: PostOfficeProgram): Promise<void> {
		return place(program, this.#program(program));
	}

	/** Creates the drive with the post office on it, and its programs. An existing post office keeps its state. */
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
		await writeFile(office.mailbag, "");
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

/** Replaces the file in one step, because the old program may be running. */
async function place(program: string, file: string): Promise<void> {
	const { programs } = await prepareLab();
	await copyFile(join(programs, `${program}.exe`), `${file}.new`);
	await rename(`${file}.new`, file);
}

/** The same as PostOffice.add. */
export const addPostOffice = PostOffice.add;

/** The address of a post office. All post offices are in one network. */
const addressOf = (name: string): string => `NET/${name}/$SYSTEM`;
