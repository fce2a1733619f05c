import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Member } from "./mail-network.ts";

/** Where a party of directory synchronization has its state and its mail: folders of this machine. */
export interface PartyFolders {
	data: string;
	in: string;
	out: string;
}

/** Who takes part in directory synchronization: a post office, or Exchange. What it keeps are text files of a line each. */
export abstract class DirsyncParty implements Member {
	/** What logs of the transport call it: `PO-HARBOR`, `EXCH01`. */
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

	/** Where the transport keeps its RECV.LOG and SENT.LOG; only post offices have them. */
	get log(): string | undefined {
		return undefined;
	}

	/** Makes its folders and its files; what it has is left alone where it has been made before. */
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

	/** As dirsync server: knows these requestors from now on, and owes everything to those that are new. */
	async register(...requestors: { address: string }[]): Promise<void> {
		const known = await this.lines("SRVCONF.GLB");
		const isNew = ({ address }: { address: string }) =>
			!known.some((line) => line.startsWith(`${address}\t`));
		for (const { address } of requestors.filter(isNew))
			await this.append("SRVCONF.GLB", [`${address}\t0\t0\t0`]);
	}

	/** T0: changes that wait for T1. */
	protected async change(sign: "+" | "-", names: string[]): Promise<void> {
		await this.append(
			"REQTRANS.GLB",
			names.map((name) => sign + name),
		);
	}

	/** A file of its data folder by lines; none where there is no such file. */
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

/** The users' names out of a list of addresses: `NET/PO-HARBOR/Anna` is Anna's. */
export const namesOf = (addresses: string[]): string[] =>
	addresses
		.map((address) => address.slice(address.lastIndexOf("/") + 1))
		.sort();
