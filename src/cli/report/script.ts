import { createHash } from "node:crypto";
import { Html } from "./html";

/** How often the page asks for its newest version, in milliseconds. */
const EVERY = 2000;

/** After this time without an answer the page reports that the connection is lost, in milliseconds. */
const LIMIT = 10_000;

/**
 * The only script, of a page that follows an update. It fetches the page again and changes only what is different, node
 * by node: focus, selection, scroll position and the place of a screen reader stay.
 */
export const SCRIPT = new Html(`
/* Whether a node of the new page is the same part of it as a node of this page. */
const isSame = (have, want) => have.nodeName === want.nodeName && have.id === want.id;

function updateNode(have, want) {
	if (have.nodeType !== Node.ELEMENT_NODE) {
		if (have.data !== want.data) have.data = want.data;
		return;
	}
	for (const { name, value } of want.attributes)
		if (have.getAttribute(name) !== value) have.setAttribute(name, value);
	for (const { name } of [...have.attributes])
		if (!want.hasAttribute(name)) have.removeAttribute(name);
	let at = have.firstChild;
	for (const child of [...want.childNodes]) {
		let found = at;
		/* Only elements are worth a search. A text between them is the next node or a new one. */
		while (found && !isSame(found, child))
			found = child.nodeType === Node.ELEMENT_NODE ? found.nextSibling : null;
		if (!found) {
			have.insertBefore(child, at);
			continue;
		}
		while (at !== found) {
			const gone = at;
			at = at.nextSibling;
			gone.remove();
		}
		at = found.nextSibling;
		updateNode(found, child);
	}
	while (at) {
		const gone = at;
		at = at.nextSibling;
		gone.remove();
	}
}

async function refresh() {
	try {
		const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(${LIMIT}) });
		if (!answer.ok) throw new Error(answer.statusText);
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		for (const part of ["nav", "header", "main"])
			updateNode(document.querySelector(part), page.querySelector(part));
	} catch {
		document.getElementById("lost").hidden = false;
	}
	setTimeout(refresh, ${EVERY});
}
setTimeout(refresh, ${EVERY});
`);

/** The script's entry in a Content-Security-Policy. */
export const SCRIPT_SOURCE = `'sha256-${createHash("sha256").update(SCRIPT.text).digest("base64")}'`;
