import { describe, expect, it } from "vitest";
import { readEvents } from "../../../../src/cli/report/events.ts";
import { renderPage } from "../../../../src/cli/report/page.ts";
import {
	configOf,
	type Done,
	eventsOf,
	exportOf,
	failed,
	harbor,
	logOf,
	MISMATCH,
	PROGRAM,
	REQUESTOR,
	reportOf,
	WHOLE,
} from "./fixture.ts";

const NOW = new Date("2026-11-26T08:00:00Z");
const page = (...args: Parameters<typeof reportOf>) =>
	renderPage(reportOf(...args), NOW);
/** The visible text, on one line. */
const textOf = (html: string) =>
	html
		.replace(/<style>.*?<\/style>/s, "")
		.replace(/<[^>]*>/g, " ")
		.replace(/\s+/g, " ");

const done = page(exportOf(WHOLE));
const stopped = page(exportOf(WHOLE.slice(0, 4)));

describe("the page", () => {
	it("loads no external resource and has no script", () => {
		expect(done).not.toMatch(
			/https?:|url\(|@import|<(script|link|img|iframe)/i,
		);
		expect(done).toContain("default-src 'none'");
	});

	it("has a language, a title, headings, and a table with headers", () => {
		expect(done).toMatch(/<html lang="en">/);
		expect(done).toContain("<title>Cutover report: lab</title>");
		expect(done.match(/<h1/g)).toHaveLength(1);
		expect(done.match(/<th scope="col"/g)).toHaveLength(8);
		expect(done.match(/<th scope="row"/g)).toHaveLength(13);
	});

	it("shows the state of the cutover in words", () => {
		expect(textOf(done)).toContain("\u2713 done All 13 steps are done.");
		expect(textOf(stopped)).toContain(
			"stopped Stopped before PO-HARBOR, srvmain -r. 4 of 13 steps are done.",
		);
		expect(textOf(page(exportOf([])))).toContain("Not begun: 13 steps.");
	});

	it("has a bar for each step that ran, and links each row to the table", () => {
		expect(done.match(/<div class="lane"><i class="bar/g)).toHaveLength(13);
		for (const [, id] of done.matchAll(/href="#([^"]+)"/g))
			expect(done).toContain(`id="${id}"`);
	});

	it("shows where the next update continues, and how to pass the log", () => {
		expect(textOf(stopped)).toMatch(
			/Not done: the next pulumi up continues here/,
		);
		expect(textOf(stopped)).toContain(
			"exchange-dirsync report --stack lab --event-log up",
		);
		expect(textOf(done)).not.toContain("--event-log");
	});

	it("shows a failure with code, number, message and advice in the step's row", () => {
		const html = page(exportOf(WHOLE.slice(0, 4)), {
			log: logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) }),
		});
		const row = /<tr[^>]*id="harbor-PO-HARBOR-srvmain-r".*?<\/tr>/s.exec(html);
		expect(textOf(row?.[0] ?? "")).toMatch(
			/failed.*the program reported an error \[program-failed, number 156\] What to do: See the number below.*156: the dirsync passwords/,
		);
		expect(textOf(html)).toContain("Stopped at PO-HARBOR, srvmain -r.");
		expect(html).not.toContain("dx-work");
	});

	it("shows the failure at the top, with a link to the step", () => {
		const html = page(exportOf(WHOLE.slice(0, 4)), {
			log: logOf({ "harbor-PO-HARBOR-srvmain-r": failed(MISMATCH) }),
		});
		const [, head = ""] = /<ul class="reasons">(.*?)<\/ul>/s.exec(html) ?? [];
		expect(textOf(head).trim()).toMatch(
			/^PO-HARBOR, srvmain -r : the program reported an error \[program-failed, number 156\] , 156: the dirsync passwords .* differ$/,
		);
		expect(head).toContain('href="#harbor-PO-HARBOR-srvmain-r"');
		expect(done).not.toContain('<ul class="reasons">');
	});

	it("shows where the cutover continued after a pause, and how long the pause was", () => {
		const later = [...WHOLE];
		later[4] = ["PO-HARBOR-srvmain-r", "2026-11-25T23:03:28Z", 1];
		expect(textOf(page(exportOf(later.slice(0, 5))))).toContain(
			"Continued after a pause PO-HARBOR, srvmain -r at 23:03:28, 1 h later",
		);
		expect(textOf(done)).not.toContain("Continued after");
	});

	it("shows that a cutover was read from the state, and no host that is unknown", () => {
		const text = textOf(
			page(exportOf(WHOLE.slice(0, 4), PROGRAM), { config: {} }),
		);
		expect(text).toContain("Read from the state, because the configuration");
		expect(text).toMatch(/wait t1Delivered \u2713 done/);
		expect(text).not.toMatch(/a fixed time|undefined/);
		expect(textOf(stopped)).not.toContain("Read from the state");
	});

	it("has a section for each cutover and a link to each", () => {
		const html = page(exportOf(WHOLE), {
			config: configOf([harbor(), harbor(REQUESTOR, { name: "bay" })]),
		});
		expect(html.match(/<section/g)).toHaveLength(2);
		expect(html).toMatch(/<nav.*href="#cutover-1">bay/s);
	});
});

describe("foreign text", () => {
	const HOSTILE = `</td><script>alert("1")</script><img src=x onerror='x'>&lt;\u001b[31m\u202e`;
	const WRITTEN =
		"&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;x&#39;&gt;&amp;lt;\ufffd[31m\ufffd";

	it("in evidence is escaped", () => {
		const steps: Done[] = [
			["PO-HARBOR-reqmain-t", "2026-11-25T22:00:05Z", 4, HOSTILE],
		];
		const html = page(exportOf(steps));
		expect(html).toContain(WRITTEN);
		expect(html).not.toMatch(/<script|<img/);
	});

	it("in a log is escaped", () => {
		const html = page(exportOf([]), {
			log: logOf({
				"harbor-EXCH01-kick": `error: ${HOSTILE}`,
				[HOSTILE]: "error: x",
			}),
		});
		expect(html).not.toMatch(/<script|<img/);
	});

	it("in an event log is escaped", () => {
		const text = eventsOf("unreachable")
			.replaceAll("PO-PIER-reqmain-t", "x\\u202e<script>")
			.replaceAll("connection refused", "connection refused</pre><img src=x>");
		const html = page(exportOf([], PROGRAM), {
			config: {},
			log: readEvents(text),
		});
		expect(html).toContain("harbor-x\ufffd&lt;script&gt;:");
		expect(html).toContain("&lt;/pre&gt;&lt;img src=x&gt;");
		expect(html).not.toMatch(/<script|<img/);
	});

	it("in the run's name is escaped", () => {
		const html = page(exportOf([], { run: HOSTILE, parts: [HOSTILE] }));
		expect(html).toContain(WRITTEN);
		expect(html).not.toMatch(/<script|<img/);
	});
});

it("a step whose times cannot be parsed still counts as done", () => {
	const html = page(exportOf([["PO-HARBOR-reqmain-t", "then", 4]]));
	expect(textOf(html)).toContain("1 of 13 steps are done");
	expect(html).not.toMatch(/NaN|Invalid|Infinity|undefined/);
});
