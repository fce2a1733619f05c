import { randomBytes } from "node:crypto";

/** A place where a secret was found, and in what form. */
export interface Find {
	where: string;
	secret: string;
	form: string;
}

interface Needle {
	secret: string;
	form: string;
	bytes: Buffer;
}

/** What quoting, escaping and code pages would each change in its own way. */
const AWKWARD = ` \u00f6&<"\\+`;

/** Secrets made to be recognised wherever they turn up, and the search for them. */
export class Canaries {
	readonly #needles: Needle[] = [];

	/** A password or pass phrase that nobody else has. */
	phrase(name: string, end = AWKWARD): string {
		const core = `Canary${randomBytes(12).toString("hex")}`;
		this.#needles.push(...inEveryForm(name, core));
		return core + end;
	}

	/** Looks out for a private key from now on: for each line of its body, with or without the line ends. */
	key(name: string, pem: string): string {
		// The first line says what kind of key it is and is the same for many.
		const [line = "", ...rest] = pem.split("\n").slice(2, -2);
		this.#needles.push(...inEveryForm(name, line));
		for (const other of rest.filter(({ length }) => length > 30))
			this.#needles.push({ secret: name, form: "text", bytes: latin(other) });
		return pem;
	}

	/** Every secret that is there, each form of it once. */
	find(where: string, content: string | Buffer): Find[] {
		// Line ends, wrapped base64 and the commas of registry data come between the parts of a secret; no form has any.
		const text = Buffer.from(content).toString("latin1");
		const squeezed = latin(text.replace(/[\s,\\]+/g, ""));
		const found = this.#needles
			.filter(({ bytes }) => squeezed.includes(bytes))
			.map(({ secret, form }) => `${secret}\0${form}`);
		return [...new Set(found)].map((each) => {
			const [secret = "", form = ""] = each.split("\0");
			return { where, secret, form };
		});
	}
}

const latin = (text: string) => Buffer.from(text, "latin1");

/** The core of a secret survives JSON, URL, XML and shell quoting as it is; these forms it does not. */
function inEveryForm(secret: string, core: string): Needle[] {
	const needle = (form: string, bytes: Buffer) => ({ secret, form, bytes });
	const wide = Buffer.from(core, "utf16le");
	return [
		needle("text", latin(core)),
		needle("UTF-16", wide),
		...[latin(core), wide].flatMap((bytes) => [
			needle("hex", latin(bytes.toString("hex"))),
			needle("hex", latin(bytes.toString("hex").toUpperCase())),
			...[0, 1, 2].map((before) => needle("base64", inBase64(bytes, before))),
		]),
	];
}

/** What is the same in the base64 of every text in which the secret stands behind so many bytes, by threes. */
function inBase64(bytes: Buffer, before: number): Buffer {
	const whole = Buffer.concat([Buffer.alloc(before), bytes]);
	const text = whole.toString("base64");
	return latin(text.slice(before && 4, Math.floor(whole.length / 3) * 4));
}
