import {
	appendFile,
	readdir,
	readFile,
	rename,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A party that has mail, in folders of this machine. */
export interface Member {
	name: string;
	address: string;
	in: string;
	out: string;
	/** The folder of its RECV.LOG and SENT.LOG, if it has them. */
	log?: string | undefined;
	/** Its mailbag file, with a header for each mail in `in`, if it has one. */
	mailbag?: string | undefined;
}

/** The bytes of a header in a mailbag (Q148705, Q87417). */
const HEADER = 116;

/** The interval in which mail is moved, in milliseconds. */
const EVERY = 100;

/**
 * Carries the mail between post offices and Exchange, as the Exchange PC MTA does. No program of a member waits for it.
 */
export class MailNetwork {
	readonly #members: Member[];
	readonly #run: Promise<void>;
	#held = false;
	#moving: Promise<void> = Promise.resolve();
	#ended = false;
	#failure: unknown;

	constructor(members: Member[]) {
		this.#members = members;
		this.#run = this.#carry();
		// stop() reports the error too.
		this.#run.catch((error) => {
			this.#failure = error;
		});
	}

	/** From now on no mail is moved. */
	async hold(): Promise<void> {
		this.#held = true;
		await this.#moving;
	}

	release(): void {
		this.#held = false;
	}

	/** Resolves when no member has outgoing mail. */
	async settled(): Promise<void> {
		while ((await this.#outgoing()).length > 0) {
			if (this.#failure) throw this.#failure;
			await pause(EVERY / 2);
		}
		await this.#moving;
	}

	/** Ends the network. Mail that was not moved stays. Throws if there was mail without a receiver. */
	stop(): Promise<void> {
		this.#ended = true;
		return this.#run;
	}

	async #carry(): Promise<void> {
		for (; !this.#ended; await pause(EVERY)) {
			for (const member of this.#members) await updateMailbag(member);
			if (this.#held) continue;
			this.#moving = this.#pass();
			await this.#moving;
		}
	}

	async #pass(): Promise<void> {
		for (const [sender, file] of await this.#outgoing())
			await this.#move(sender, file);
	}

	async #outgoing(): Promise<[Member, string][]> {
		const found = this.#members.map(async (member) => {
			// A post office that has lost its P1 directory sends nothing.
			const names = await readdir(member.out).catch(() => []);
			return names
				.filter((name) => name.endsWith(".MSG"))
				.sort()
				.map((name): [Member, string] => [member, name]);
		});
		return (await Promise.all(found)).flat();
	}

	async #move(sender: Member, file: string): Promise<void> {
		const text = await readFile(join(sender.out, file), "utf8");
		const [, to = "", subject = ""] = text
			.split("\r\n", 3)
			.map((line) => line.slice(line.indexOf("=") + 1));
		const receiver = this.#members.find(({ address }) => address === to);
		if (!receiver)
			throw new Error(
				`lab: mail of ${sender.name} is for nobody in the network, got ${JSON.stringify(to)}; name that one among the members`,
			);
		// The file appears complete, and before any program can read about it in a log.
		const target = join(receiver.in, file);
		await writeFile(`${target}.new`, text);
		await rename(`${target}.new`, target);
		await updateMailbag(receiver);
		await rm(join(sender.out, file));
		const from = `from ${sender.name} (${sender.address}) ${subject}`;
		await note(receiver, "RECV.LOG", from);
		await note(sender, "SENT.LOG", `to ${receiver.name} (${to}) ${subject}`);
	}
}

/**
 * Writes the mailbag file anew if the number of mails has changed. MS Mail keeps the space of headers that were read until
 * the mailbag is compressed (Q146113). This is a mailbag that was compressed.
 */
async function updateMailbag({ in: folder, mailbag }: Member): Promise<void> {
	if (!mailbag) return;
	const names = await readdir(folder).catch(() => []);
	const count = names.filter((name) => name.endsWith(".MSG")).length;
	const found = await stat(mailbag).catch(() => undefined);
	if (found && found.size !== count * HEADER)
		await writeFile(mailbag, Buffer.alloc(count * HEADER, 1));
}

async function note(
	{ log }: Member,
	file: string,
	text: string,
): Promise<void> {
	if (!log) return;
	const time = new Date().toISOString().slice(0, 19).replace("T", " ");
	await appendFile(join(log, file), `${time} ${text}\r\n`);
}
