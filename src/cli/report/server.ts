import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

const LOOPBACK = "127.0.0.1";

/** A page that is served on this machine. */
export interface Served {
	/** Its address: `http://127.0.0.1:<port>/`. */
	url: string;
	/** Ends the server and all its connections. */
	close: () => Promise<void>;
}

/**
 * Serves one page on loopback, at a free port.
 *
 * @param render called for each request
 * @param policy the Content-Security-Policy of the page
 */
export async function servePage(
	render: () => string,
	policy: string,
): Promise<Served> {
	const server = createServer((request, response) => {
		const refusal = refuse(request);
		if (refusal) return answer(response, ...refusal);
		response.setHeader(
			"Content-Security-Policy",
			`${policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
		);
		let page: string;
		try {
			page = render();
		} catch (error) {
			return answer(response, 500, `This page cannot be shown: ${error}\n`);
		}
		answer(response, 200, page, "text/html; charset=utf-8");
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject).listen(0, LOOPBACK, resolve);
	});
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://${LOOPBACK}:${port}/`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/** Names of this machine. A page elsewhere that makes its own name point to this machine sends that name (DNS rebinding). */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** The status and text with which a request is refused; undefined if it is served. */
function refuse({
	headers,
	method,
	url = "",
}: IncomingMessage): [number, string] | undefined {
	// An SSH tunnel may have another port than this server.
	if (!OWN_HOST.test(headers.host ?? ""))
		return [403, "This page is served under the name localhost only.\n"];
	if (method !== "GET" && method !== "HEAD")
		return [405, "This page can only be read.\n"];
	if (url !== "/") return [404, "There is only one page here: /\n"];
	return undefined;
}

function answer(
	response: ServerResponse,
	status: number,
	text: string,
	type = "text/plain; charset=utf-8",
): void {
	if (status === 405) response.setHeader("Allow", "GET, HEAD");
	response
		.writeHead(status, {
			"Content-Type": type,
			"Content-Length": Buffer.byteLength(text),
			"Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff",
		})
		.end(text);
}
