/** A piece of HTML, in which all foreign text has been escaped. */
export class Html {
	constructor(readonly text: string) {}
}

type Value = Html | string | number | false | undefined | readonly Value[];

/** HTML with values in it: text is escaped, HTML stays as it is, and what is not there leaves nothing. */
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

/** Control characters, which HTML does not allow, and those that turn the direction of writing, are shown as such. */
function escaped(text: string): string {
	return text
		.replace(/[&<>"']/g, (char) => ENTITIES[char] as string)
		.replace(/(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
