/** A piece of HTML. All foreign text in it has been escaped. */
export class Html {
	constructor(readonly text: string) {}
}

type Value = Html | string | number | false | undefined | readonly Value[];

/** Template tag: escapes text, inserts `Html` as it is, and inserts nothing for undefined and false. */
export function html(
	strings: TemplateStringsArray,
	...values: readonly Value[]
): Html {
	return new Html(
		strings.reduce(
			(text, string, index) => text + escapeText(values[index - 1]) + string,
		),
	);
}

function escapeText(value: Value): string {
	if (value === undefined || value === false) return "";
	if (value instanceof Html) return value.text;
	if (typeof value === "object") return value.map(escapeText).join("");
	return escaped(String(value));
}

const ENTITIES: Record<string, string> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

/**
 * Escapes text. It replaces control characters, which HTML does not allow, and characters that change the writing
 * direction.
 */
function escaped(text: string): string {
	return text
		.replace(/[&<>"']/g, (char) => ENTITIES[char] as string)
		.replace(/(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
