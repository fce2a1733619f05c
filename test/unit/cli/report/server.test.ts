import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Served, servePage } from "../../../../src/cli/report/server.ts";

// The server of `report --watch`, which every program on this machine can reach.
let page: Served;
let rendered = 0;
beforeAll(async () => {
	page = await servePage(
		() => `<p>\u2713 ${++rendered}</p>`,
		"default-src 'none'",
	);
});
afterAll(() => page.close());

/** Sends a request. fetch would not send another Host header. */
const ask = (path: string, method = "GET", host?: string) =>
	new Promise<{
		status?: number;
		headers: Record<string, unknown>;
		text: string;
	}>((resolve, reject) => {
		const headers = host === undefined ? {} : { host };
		request(new URL(path, page.url), { method, headers }, (response) => {
			const chunks: Buffer[] = [];
			response
				.on("data", (chunk) => chunks.push(chunk))
				.on("end", () =>
					resolve({
						status: response.statusCode,
						headers: response.headers,
						text: Buffer.concat(chunks).toString(),
					}),
				);
		})
			.on("error", reject)
			.end();
	});

it("serves the page on loopback, rendered for each request", async () => {
	expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
	const [first, second] = [await ask("/"), await ask("/")];
	expect([first.status, first.text]).toEqual([200, "<p>\u2713 1</p>"]);
	expect(second.text).toBe("<p>\u2713 2</p>");
	expect(first.headers).toMatchObject({
		"content-type": "text/html; charset=utf-8",
		"content-security-policy":
			"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"cache-control": "no-store",
		"cross-origin-resource-policy": "same-origin",
		"x-content-type-options": "nosniff",
	});
	expect(first.headers).not.toHaveProperty("access-control-allow-origin");
});

it("goes on after a page that cannot be shown", async () => {
	let fails = true;
	const failing = await servePage(() => {
		if (fails) throw new RangeError("Invalid time value");
		return "the page";
	}, "default-src 'none'");
	const get = async () => {
		const response = await fetch(failing.url);
		return [response.status, await response.text()];
	};
	expect(await get()).toEqual([
		500,
		"This page cannot be shown: RangeError: Invalid time value\n",
	]);
	fails = false;
	expect(await get()).toEqual([200, "the page"]);
	await failing.close();
});

it("answers HEAD without the page", async () => {
	expect(await ask("/", "HEAD")).toMatchObject({ status: 200, text: "" });
});

it.each(["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:9"])(
	"serves it under the name %s, as through an SSH tunnel",
	async (host) => {
		expect(await ask("/", "GET", host)).toMatchObject({ status: 200 });
	},
);

it.each([
	[403, "/", "GET", "attacker.example"],
	[403, "/", "GET", "localhost.attacker.example:80"],
	[405, "/", "POST", undefined],
	[405, "/", "OPTIONS", undefined],
	[404, "/favicon.ico", "GET", undefined],
	[404, "/?x", "GET", undefined],
])(
	"answers %i to %s %s with the host %s",
	async (status, path, method, host) => {
		const answer = await ask(path, method, host);
		expect(answer.status).toBe(status);
		expect(answer.text).not.toContain("<p>");
	},
);

it("ends connections that are open", async () => {
	const other = await servePage(() => "x", "");
	await (await fetch(other.url)).text();
	await other.close();
	await expect(fetch(other.url)).rejects.toThrow("fetch failed");
});
