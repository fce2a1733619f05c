import { randomBytes } from "node:crypto";

/** A secret that was found: the place, and its form there. */
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

/** Characters that quoting, escaping and code pages change, each in a different way. */
const AWKWARD = ` \u00f6&<"\\+`;

/** Creates secrets that can be recognised in any text, and searches for them. */
export class Canaries {
	readonly #needles: Needle[] = [];

	/** Creates a unique password or pass phrase. */
	phrase(name: string, end = AWKWARD): string {
		const core = `Canary${randomBytes(12).toString("hex")}`;
		this.#needles.push(...inEveryForm(name, core));
		return core + end;
	}

	/** Adds a private key to the search: each line of its body, with or without the line ends. */
	key(name: string, pem: string): string {
		// The first line is skipped: it encodes the type of the key and is the same in many keys.
		const [line = "", ...rest] = pem.split("\n").slice(2, -2);
		this.#needles.push(...inEveryForm(name, line));
		for (const other of rest.filter(({ length }) => length > 30))
			this.#needles.push({ secret: name, form: "text", bytes: latin(other) });
		return pem;
	}

	/** Returns every secret that the content contains, each form of it once. */
	find(where: string, content: string | Buffer): Find[] {
		// Line ends, also of wrapped base64, and the commas of registry data can split a secret. No form contains
		// these characters, so they are removed first.
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

/** JSON, URL, XML and shell quoting keep the core of a secret unchanged. The other forms are encodings. */
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

/** The part of a base64 text that depends only on the secret, if `before` bytes (modulo 3) precede the secret. */
function inBase64(bytes: Buffer, before: number): Buffer {
	const whole = Buffer.concat([Buffer.alloc(before), bytes]);
	const text = whole.toString("base64");
	return latin(text.slice(before && 4, Math.floor(whole.length / 3) * 4));
}
