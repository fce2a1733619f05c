import { describe, expect, it } from "vitest";
import {
	readEvents,
	readEventsAndProgress,
} from "../../../../src/cli/report/events.ts";
import { renderPage } from "../../../../src/cli/report/page.ts";
import {
	BEGAN,
	configOf,
	type Event,
	eventsOf,
	exportOf,
	harbor,
	MISMATCH,
	PROGRAM,
	REQUESTOR,
	reportOf,
	updateOf,
	WHOLE,
} from "./fixture.ts";

const readProgress = (text: string) => readEventsAndProgress(text).progress;

// What a page shows that follows an update: from its events and the state, without a server.

/** The second of the fixture's update at which the page is rendered. */
const NOW = 400;

/** An event log, and the state and configuration at the same time. */
const follow = (
	text: string,
	{
		state = exportOf(WHOLE.slice(0, 4)) as unknown,
		config = configOf() as unknown,
	} = {},
) => {
	const now = BEGAN + NOW * 1000;
	const watch = { now, progress: readProgress(text), notices: [] };
	return reportOf(state, { config, log: readEvents(text), watch });
};

const pageOf = (...args: Parameters<typeof follow>) =>
	renderPage(follow(...args), new Date(BEGAN + NOW * 1000));

/** The visible text, on one line. */
const textOf = (html: string) =>
	html
		.replace(/<(style|script).*?<\/\1>/gs, "")
		.replace(/<[^>]*>/g, " ")
		.replace(/\s+/g, " ");

const states = (...args: Parameters<typeof follow>) =>
	Object.fromEntries(
		follow(...args).cutovers.flatMap(({ steps }) =>
			steps.map(({ id, state }) => [id, state]),
		),
	);

const verdict = (...args: Parameters<typeof follow>) =>
	textOf(
		/<p class="verdict">(.*?)<\/p>/s.exec(pageOf(...args))?.[1] ?? "",
	).trim();

const SRVMAIN_R = "harbor-PO-HARBOR-srvmain-r";
const RUNNING: Event[] = [[209, "begin", SRVMAIN_R]];
const ENDED: Event[] = [
	...RUNNING,
	[
		250,
		"end",
		SRVMAIN_R,
		"began 2026-11-25T22:03:29Z\r\n2 requests processed\r\ntook about 41 s",
	],
];

describe("the progress of an update", () => {
	it("has what has begun and not ended", () => {
		expect(readProgress(updateOf(RUNNING))).toEqual({
			state: "running",
			start: BEGAN,
			end: undefined,
			running: [
				{
					resource: SRVMAIN_R,
					types:
						"exchange-dirsync:index:PostOfficeCutover$command:remote:Command",
					start: BEGAN + 209_000,
					deletes: false,
				},
			],
			continues: true,
			ended: [],
		});
	});

	it("has the resources that have ended, with their outputs", () => {
		expect(readProgress(updateOf(ENDED))).toMatchObject({
			running: [],
			ended: [
				{
					id: `${SRVMAIN_R}1`,
					outputs: { stdout: expect.stringContaining("2 requests") },
					end: BEGAN + 250_000,
				},
			],
		});
	});

	it("ends within a line while the engine writes it", () => {
		const text = updateOf(ENDED);
		expect(readProgress(text.slice(0, -20))).toEqual(
			readProgress(updateOf(RUNNING)),
		);
		expect(readProgress(text.slice(0, 10))).toBeUndefined();
	});

	it("is undefined before an update has begun", () => {
		expect(readProgress("")).toBeUndefined();
		expect(readProgress("Previewing update (lab):\n")).toBeUndefined();
	});

	it.each([
		["succeeded", "succeeded"],
		["failed", "failed"],
	] as const)("of an update that %s has its end", (kind, state) => {
		const text = updateOf([...RUNNING, [300, kind]]);
		expect(readProgress(text)).toMatchObject({
			...{ state, end: BEGAN + 300_000, running: [] },
		});
	});

	it("of an update that was cancelled has its end", () => {
		const text = `${updateOf(RUNNING)}{"sequence":9,"timestamp":1795644300,"cancelEvent":{}}\n`;
		expect(readProgress(text)).toMatchObject({ state: "failed", running: [] });
	});

	it("of a real update that failed has no work left, and what has ended", () => {
		expect(readProgress(eventsOf("failed"))).toMatchObject({
			...{ state: "failed", running: [] },
			...{ start: 1795986527_000, end: 1795986534_000 },
			ended: [{ id: "harborc8dcbd25" }],
		});
	});

	it("has nothing of the preview before it, and starts again with the update", () => {
		const preview = updateOf([...ENDED, [260, "succeeded"]], {
			planning: true,
		});
		expect(readProgress(preview)).toMatchObject({
			...{ state: "preview", running: [], ended: [] },
		});
		expect(readProgress(preview + updateOf(RUNNING))).toEqual(
			readProgress(updateOf(RUNNING)),
		);
	});

	it("has the failure of a preview, after which no update comes", () => {
		const preview = updateOf([...RUNNING, [260, "failed"]], { planning: true });
		expect(readProgress(preview)).toMatchObject({ state: "failed" });
	});

	it("has a deletion, which is no step", () => {
		const text = updateOf(RUNNING, { op: "delete-replaced" });
		expect(states(text)[SRVMAIN_R]).toBe("next");
		expect(textOf(pageOf(text))).toContain(
			`Running outside the cutovers ${SRVMAIN_R} (removed) since 22:03:29`,
		);
	});
});

describe("a running step", () => {
	it("has its start, the time so far, and the next step", () => {
		expect(verdict(updateOf(RUNNING))).toBe(
			"\u25cf running Running PO-HARBOR, srvmain -r since 22:03:29. 4 of 13 steps are done. Next: PO-HARBOR, srvmain -t.",
		);
		const html = pageOf(updateOf(RUNNING));
		const row = new RegExp(`<tr[^>]*id="${SRVMAIN_R}".*?</tr>`, "s").exec(html);
		expect(textOf(row?.[0] ?? "").trim()).toBe(
			"5 T2 srvmain -r PO-HARBOR \u25cf running 2026-11-25 22:03:29 3 min 11 s so far",
		);
		expect(html).toMatch(/class="bar program running".*running, 3 min 11 s</);
		expect(html).toMatch(/class="flag next [^>]*>\u25b8 next</);
		expect(textOf(html)).toContain(
			"Update running since 2026-11-25 22:00:00, 6 min 40 s so far",
		);
	});

	/** The state after four steps, written half a second before this second of the update. */
	const writtenAt = (second: number) => {
		const state = exportOf(WHOLE.slice(0, 4));
		const time = new Date(BEGAN + second * 1000 - 500).toISOString();
		state.deployment.manifest.time = time;
		return { state };
	};

	it("is done as soon as an event reports its end, even if the state is older", () => {
		expect(states(updateOf(ENDED), writtenAt(250))).toMatchObject({
			[SRVMAIN_R]: "done",
			"harbor-PO-HARBOR-srvmain-t": "next",
		});
		expect(textOf(pageOf(updateOf(ENDED), writtenAt(251)))).toContain(
			"\u2713 done 2026-11-25 22:03:29 41 s 2 requests processed",
		);
	});

	it("is not done because of events that are older than the state", () => {
		expect(states(updateOf(ENDED), writtenAt(252))[SRVMAIN_R]).toBe("next");
	});

	it("of a parallel post office goes on after a failure, and nothing comes next", () => {
		const text = updateOf([
			[1, "begin", "harbor-PO-HARBOR-reqmain-t"],
			[1, "begin", "harbor-PO-PIER-reqmain-t"],
			[7, "error", "harbor-PO-PIER-reqmain-t", `x\n${MISMATCH}`],
			[7, "fail", "harbor-PO-PIER-reqmain-t"],
		]);
		expect(verdict(text, { state: exportOf([]) })).toBe(
			"\u2715 failed Failed: PO-PIER, reqmain -t. Still running: PO-HARBOR, reqmain -t since 22:00:01. 0 of 13 steps are done.",
		);
		expect(states(text, { state: exportOf([]) })).toMatchObject({
			"harbor-EXCH01-kick": "open",
		});
	});

	it("of one cutover goes on after a failure of another", () => {
		const config = configOf([harbor(), harbor(REQUESTOR, { name: "bay" })]);
		const text = updateOf([
			...RUNNING,
			[210, "error", "EXCH07", "ssh: unable to authenticate"],
			[210, "fail", "EXCH07"],
		]);
		const html = textOf(pageOf(text, { config }));
		expect(html).toContain("EXCH07:");
		expect(html).toContain("The update is running. 1 failed outside");
		expect(html).not.toContain("Next");
		expect(html).toContain("next pulumi up continues here");
	});

	it("goes on after a failure with --continue-on-error, which shows when a step begins", () => {
		const failed: Event[] = [[150, "fail", "EXCH07"], ...RUNNING];
		const html = textOf(pageOf(updateOf(failed)));
		expect(html).toContain("The update goes on with what does not depend");
		expect(html).not.toContain("next pulumi up continues here");
	});

	it("of an update that has ended is not running", () => {
		const text = updateOf([...RUNNING, [300, "failed"]]);
		expect(states(text)[SRVMAIN_R]).toBe("next");
		expect(textOf(pageOf(text))).toContain(
			"Update failed at 2026-11-25 22:05:00, after 5 min",
		);
	});

	it("of a program with its own component is found", () => {
		const text = updateOf(RUNNING).replaceAll(
			"exchange-dirsync::exchange-dirsync:index",
			"bay::corp:mail:Site$exchange-dirsync:index",
		);
		const state = exportOf(WHOLE.slice(0, 4), PROGRAM);
		expect(states(text, { state, config: {} })[SRVMAIN_R]).toBe("running");
	});
});

describe("before the first step", () => {
	const text = updateOf([
		[2, "begin", "EXCH01"],
		[3, "begin", "harbor-PO-PIER"],
		[3, "begin", "EXCH07"],
		[3, "begin", "harbor"],
	]);

	it("the checks of hosts and post offices are shown", () => {
		expect(verdict(text, { state: exportOf([]) })).toBe(
			"\u25cf running Running EXCH01, registry since 22:00:02 and PO-PIER, post office since 22:00:03. 0 of 13 steps are done. Next: PO-HARBOR, reqmain -t and PO-PIER, reqmain -t.",
		);
	});

	it("other hosts are shown outside the cutovers", () => {
		expect(follow(text, { state: exportOf([]) }).otherWork).toEqual([
			{ place: "EXCH07", start: BEGAN + 3000 },
		]);
	});

	it("of a repetition, the page shows the last run and that an update repeats it", () => {
		const html = textOf(
			pageOf(text, { state: exportOf(WHOLE, { run: "rehearsal-0" }) }),
		);
		expect(html).toContain("an update repeats the whole cutover");
		expect(html).toContain(
			"Running EXCH01, registry since 22:00:02 and PO-PIER, post office since 22:00:03. Run",
		);
		expect(html).not.toContain("13 of 13");
	});

	it("of a continuation, the next steps are those of this update", () => {
		expect(verdict(updateOf([]))).toBe(
			"\u2016 stopped Not yet continued. Next: PO-HARBOR, srvmain -r. 4 of 13 steps are done.",
		);
		expect(textOf(pageOf(updateOf([])))).toContain("Next, if no step fails.");
	});
});

describe("the page that follows an update", () => {
	const html = pageOf(updateOf(RUNNING));

	it("has one script, which its policy names by its digest, and loads nothing else", () => {
		expect(html.match(/<script/g)).toHaveLength(1);
		expect(html).toMatch(
			/content="default-src 'none'; [^"]*script-src 'sha256-[\w+/]+=*'; connect-src 'self'"/,
		);
		expect(html).not.toMatch(/https?:|url\(|@import|<(img|iframe)/i);
	});

	it("has a status for screen readers, in which no text changes with time alone", () => {
		const statusAt = (seconds: number) => {
			const now = BEGAN + seconds * 1000;
			const progress = readProgress(updateOf(RUNNING));
			const report = reportOf(exportOf(WHOLE.slice(0, 4)), {
				watch: { now, progress, notices: ["The state is locked."] },
			});
			return textOf(
				/<div role="status".*?<\/div>/s.exec(
					renderPage(report, new Date(now)),
				)?.[0] ?? "",
			);
		};
		expect(statusAt(300)).toMatch(
			/The update is running\. harbor: Running PO-HARBOR, srvmain -r since 22:03:29\. .* The state is locked\./,
		);
		expect(statusAt(301)).toBe(statusAt(300));
	});

	it("has a link to each table of steps", () => {
		const both = pageOf(updateOf(RUNNING), {
			config: configOf([harbor(), harbor(REQUESTOR, { name: "bay" })]),
		});
		const links = [...both.matchAll(/href="#(steps-\d)">([^<]+)</g)];
		expect(links.map(([, , text]) => text)).toEqual([
			"Go to the steps of harbor",
			"Go to the steps of bay",
		]);
		for (const [, id] of links)
			expect(both).toContain(`<table role="table" id="${id}" tabindex="-1">`);
	});

	it("escapes the names of resources and notices", () => {
		const text = updateOf([[3, "begin", "<script>alert(1)</script>"]]);
		expect(pageOf(text)).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
		expect(pageOf(text).match(/<script/g)).toHaveLength(1);
	});
});
