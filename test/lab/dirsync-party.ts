import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Member } from "./mail-network.ts";

/** The folders of this machine that contain a dirsync party's state and mail. */
export interface PartyFolders {
	data: string;
	in: string;
	out: string;
}

/** A party of directory synchronization: a post office or Exchange. Its state is in text files, one entry a line. */
export abstract class DirsyncParty implements Member {
	/** Its name in the transport's logs: `PO-HARBOR`, `EXCH01`. */
	readonly name: string;
	/** `NET/PO-HARBOR/$SYSTEM` */
	readonly address: string;
	readonly in: string;
	readonly out: string;
	readonly #data: string;

	constructor(name: string, address: string, folders: PartyFolders) {
		this.name = name;
		this.address = address;
		this.#data = folders.data;
		this.in = folders.in;
		this.out = folders.out;
	}

	/** The folder of the transport's RECV.LOG and SENT.LOG. Only post offices have them. */
	get log(): string | undefined {
		return undefined;
	}

	/** Its mailbag file. Only post offices have one. */
	get mailbag(): string | undefined {
		return undefined;
	}

	/** Creates folders and files. If they exist already, they are not changed. @returns whether they were created */
	protected async make(
		settings: Record<string, string>,
		server: string | undefined,
		serves: boolean,
	): Promise<boolean> {
		if ((await this.lines("REQCONF.GLB")).length > 0) return false;
		for (const folder of [this.#data, this.in, this.out])
			await mkdir(folder, { recursive: true });
		const all = { address: this.address, ...settings };
		const master = Object.entries(all).map(([key, value]) => `${key}=${value}`);
		await this.write("REQTRANS.GLB", []);
		if (serves) await this.write("SRVCONF.GLB", []);
		await this.write("REQCONF.GLB", [
			...[`server=${server ?? ""}`, "reqsync=0", "srvsync=0"],
		]);
		await this.write("MASTER.GLB", master);
		return true;
	}

	/** Registers requestors at this dirsync server. A new requestor gets everything with its first answer. */
	async register(...requestors: { address: string }[]): Promise<void> {
		const known = await this.lines("SRVCONF.GLB");
		const isNew = ({ address }: { address: string }) =>
			!known.some((line) => line.startsWith(`${address}\t`));
		for (const { address } of requestors.filter(isNew))
			await this.append("SRVCONF.GLB", [`${address}\t0\t0\t0`]);
	}

	/** T0: adds changes that wait for T1. */
	protected async change(sign: "+" | "-", names: string[]): Promise<void> {
		await this.append(
			"REQTRANS.GLB",
			names.map((name) => sign + name),
		);
	}

	/** The lines of a file in its data folder; none if the file does not exist. */
	protected async lines(name: string): Promise<string[]> {
		const text = await readFile(join(this.#data, name), "utf8").catch(() => "");
		return text.split("\r\n").filter(Boolean);
	}

	protected append(name: string, lines: string[]): Promise<void> {
		return appendFile(join(this.#data, name), asText(lines));
	}

	protected async write(name: string, lines: string[]): Promise<void> {
		await writeFile(join(this.#data, name), asText(lines));
	}
}

const asText = (lines: string[]): string =>
	lines.map((line) => `${line}\r\n`).join("");

/** The user names in a list of addresses: `NET/PO-HARBOR/Anna` is Anna. */
export const namesOf = (addresses: string[]): string[] =>
	addresses
		.map((address) => address.slice(address.lastIndexOf("/") + 1))
		.sort();
