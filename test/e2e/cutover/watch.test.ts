// @module-tag full
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, type Page } from "../browser.ts";
import { Bench } from "../fixture.ts";
import { Site } from "./site.ts";

// `report --watch` in a browser, while a real update runs. The mail network is held, so the update waits at t1Delivered
// until a test releases it; `srvmain -r` then fails, and a second update continues there.
const bench = new Bench();
let site: Site;
let events: string;
let page: Page;
let up: ReturnType<Site["stack"]["start"]>;
let endWatch: () => Promise<number | undefined>;

const WAIT = "harbor-t1-delivered";
const FAILING = "harbor-PO-HARBOR-srvmain-r";

beforeAll(async () => {
	// Enables --event-log.
	process.env.PULUMI_DEBUG_COMMANDS = "true";
	site = await Site.make(bench, "requestor", {
		"PO-HARBOR": ["Anna"],
		"PO-PIER": ["Bert"],
	});
	const { t1Delivered, t2Delivered } = site.waits();
	await site.declare("rehearsal-1", {
		cutover: {
			waits: { t1Delivered: { ...t1Delivered, timeout: 240 }, t2Delivered },
		},
	});
	await site.network.hold();
	await site.first.host.set({ programFault: "srvmain -r -dX:150" });
	events = join(site.first.host.dir, "up.jsonl");
	const browser = await Browser.start();
	bench.atEnd(() => browser.stop());
	page = await browser.open(await watch());
});
afterAll(() => bench.end());

/** Starts the command. @returns the address that it prints */
async function watch(): Promise<string> {
	const { command, cwd, env } = site.stack.cliLine(
		"report",
		...["--watch", "--event-log", events],
	);
	const [program = "", ...rest] = command;
	const run = execa(program, rest, { cwd, env, reject: false });
	endWatch = async () => {
		run.kill("SIGTERM");
		return (await run).exitCode;
	};
	bench.atEnd(endWatch);
	const { value: url } = await run.iterable().next();
	if (typeof url !== "string")
		throw new Error(`ended without an address: ${(await run).stderr}`);
	return url;
}

const update = () => site.stack.start(["up", "--yes", "--event-log", events]);

/** The facts at the top of the page. */
const facts = () => page.text("header dl");

/** For what the page shows a few seconds later. */
const POLL = { timeout: 20_000, interval: 100 };

const row = (id: string) => page.text(`[id="${id}"]`);
const isIn = (id: string, state: string) =>
	page.waitFor(
		`document.getElementById(${JSON.stringify(id)})?.classList.contains(${JSON.stringify(state)})`,
	);

/** When the engine began to create a resource, as the page shows it. */
async function begun(id: string): Promise<string> {
	for (const line of (await readFile(events, "utf8")).split("\n")) {
		const { timestamp, resourcePreEvent } = JSON.parse(line);
		if (resourcePreEvent?.metadata.urn.endsWith(`::${id}`))
			return new Date(timestamp * 1000).toISOString().slice(11, 19);
	}
	throw new Error(`${id} has not begun`);
}

it("the page waits for an update that has not begun", async () => {
	expect(await page.text("[role=status]")).toContain(
		`Waiting for events of an update in ${events}.`,
	);
	expect(await page.text(".verdict")).toContain("Not begun: 13 steps.");
});

describe("the page that follows an update", () => {
	beforeAll(async () => {
		up = update();
		await isIn(WAIT, "running");
	});

	it("shows the step that runs, since when, and the next step", async () => {
		const since = await begun(WAIT);
		expect(await page.text(".verdict")).toContain(
			`Running PO-HARBOR, t1Delivered since ${since}. 3 of 13 steps are done. Next: PO-HARBOR, srvmain -r.`,
		);
		expect(await row(WAIT)).toContain(since);
		expect(await facts()).toMatch(/Update running since .* so far/);
		expect(await page.text("[role=status]")).not.toContain("Waiting for");
	});

	it("shows when the steps before it ran, as the hosts have it", async () => {
		const shown = await page.evaluate<string>(
			`document.querySelector("#harbor-PO-HARBOR-reqmain-t .start").innerText`,
		);
		const [call] = await site.first.office.calls();
		const apart =
			Date.parse(`${shown.replace(" ", "T")}Z`) - Number(call?.from);
		expect(Math.abs(apart)).toBeLessThan(10_000);
		expect(await row("harbor-PO-HARBOR-reqmain-t")).toContain("done");
	});

	it("counts the time of the step that runs", async () => {
		const soFar = () => page.text(`[id="${WAIT}"] .duration`);
		const before = await soFar();
		expect(before).toMatch(/^\d+ (s|min).* so far$/);
		await expect.poll(soFar, POLL).not.toBe(before);
	});

	it("does not change what a screen reader reads out while nothing happens", async () => {
		await page.evaluate(
			`window.changes = 0; new MutationObserver((all) => { window.changes += all.length }).observe(document.querySelector("[role=status]"), { subtree: true, childList: true, characterData: true, attributes: true })`,
		);
		await new Promise((resolve) => setTimeout(resolve, 6000));
		expect(await page.evaluate("window.changes")).toBe(0);
	});

	describe.each(["light", "dark"] as const)("in %s mode", (scheme) => {
		it.each([360, 1280])("fits a width of %i pixels", async (width) => {
			await page.show(width, scheme);
			expect(
				await page.evaluate(
					"document.documentElement.scrollWidth - document.documentElement.clientWidth",
				),
			).toBe(0);
			expect(await page.evaluate(TOO_WIDE)).toEqual([]);
		});

		it("has texts with a contrast of 4.5 to 1", async () => {
			await page.show(1280, scheme);
			const { texts, faint, ground } = await page.evaluate<Contrast>(CONTRAST);
			expect(texts).toBeGreaterThan(100);
			expect(faint).toEqual([]);
			expect(ground > 0.5).toBe(scheme === "light");
		});
	});

	it("has the table, its headers, its rows and the status for a screen reader", async () => {
		await page.show(1280, "light");
		const parts = await page.accessible();
		const named = (role: string) =>
			parts.filter((part) => part.role === role).map(({ name }) => name);
		expect(named("table")).toEqual(["Steps"]);
		expect(named("columnheader")).toEqual([
			...["No.", "Phase", "Step", "Host", "State", "Start", "Duration"],
			"Evidence",
		]);
		expect(named("row")).toHaveLength(14);
		expect(named("rowheader")).toContain("t1Delivered");
		expect(named("status")).toHaveLength(1);
		expect(named("main")).toHaveLength(1);
		expect(named("StaticText")).toContainEqual(
			expect.stringMatching(/^harbor: Running PO-HARBOR, t1Delivered since/),
		);
	});

	it("has the table for the same reader on a phone", async () => {
		await page.show(360, "light");
		const roles = (await page.accessible()).map(({ role }) => role);
		expect(roles.filter((role) => role === "columnheader")).toHaveLength(8);
		expect(roles.filter((role) => role === "row")).toHaveLength(14);
		await page.show(1280, "light");
	});

	it("leads to the table, and to each step, by the keyboard", async () => {
		const focused = () =>
			page.evaluate<string>(
				"document.activeElement.getAttribute('href') ?? document.activeElement.id",
			);
		await page.press("Tab");
		expect(await focused()).toBe("#steps-0");
		// Visible while it has the focus.
		expect(
			await page.evaluate(
				"document.activeElement.getBoundingClientRect().width",
			),
		).toBeGreaterThan(100);
		await page.press("Tab");
		expect(await focused()).toMatch(/^#harbor-PO-\w+-reqmain-t$/);
		await page.evaluate("document.querySelector('.skip a').focus()");
		await page.press("Enter");
		expect(await focused()).toBe("steps-0");
		expect(await page.evaluate("scrollY")).toBeGreaterThan(0);
	});

	it("keeps focus, selection and scroll position when a step ends", async () => {
		const kept = `({
			focus: document.activeElement.id,
			selection: String(getSelection()),
			top: Math.round(document.querySelector("#harbor-EXCH01-kick").getBoundingClientRect().top),
			isSame: document.querySelector("table") === window.table,
		})`;
		await page.evaluate(
			`window.table = document.querySelector("table"); getSelection().selectAllChildren(document.querySelector("#harbor-EXCH01-kick .evidence"))`,
		);
		const before = await page.evaluate<{ selection: string; top: number }>(
			kept,
		);
		expect(before).toMatchObject({ focus: "steps-0", isSame: true });
		expect(before.selection).toContain("T1 started");
		site.network.release();
		await isIn(WAIT, "done");
		const after = await page.evaluate<{ top: number }>(kept);
		expect(after).toEqual({ ...before, top: expect.any(Number) });
		// What is above it may need a line more or less.
		expect(Math.abs(after.top - before.top)).toBeLessThan(150);
	});

	it("shows a failure as soon as it happens, and reads it out", async () => {
		await isIn(FAILING, "failed");
		expect(await row(FAILING)).toContain("[program-failed, number 150]");
		expect(await row(FAILING)).toContain("disk full");
		expect(await page.text(".verdict")).toContain(
			"Stopped at PO-HARBOR, srvmain -r. 4 of 13 steps are done.",
		);
		expect(await page.evaluate("window.changes")).toBeGreaterThan(0);
		await expect.poll(facts, POLL).toContain("Update failed at");
		expect((await up).exitCode).not.toBe(0);
		expect(await page.evaluate(TOO_WIDE)).toEqual([]);
		expect((await page.evaluate<Contrast>(CONTRAST)).faint).toEqual([]);
	});

	it("follows the next update to its end", async () => {
		await site.first.host.set({ programFault: "" });
		const run = await update();
		expect(run.exitCode, run.all).toBe(0);
		await expect.poll(facts, POLL).toContain("Update succeeded at");
		expect(await page.text(".verdict")).toContain("All 13 steps are done.");
		expect(await page.text("tbody .state")).toMatch(/^(✓ done ?){13}$/);
	});

	it("has an empty console, and requests nothing but itself", () => {
		expect(page.problems).toEqual([]);
		expect([...new Set(page.requests)]).toEqual([page.requests[0]]);
	});

	it("reports that it is no longer up to date when the watch ends", async () => {
		const isLost = () =>
			page.evaluate(`!document.getElementById("lost").hidden`);
		expect(await isLost()).toBe(false);
		expect(await endWatch()).toBe(0);
		await expect.poll(isLost, POLL).toBe(true);
		expect(await page.text("[role=status]")).toContain(
			"this page is no longer up to date",
		);
		expect(await page.text(".verdict")).toContain("All 13 steps are done.");
	});
});

interface Contrast {
	texts: number;
	faint: string[];
	/** The luminance of the page's ground. */
	ground: number;
}

/** Elements that reach over the right edge. Texts for screen readers only are clipped. */
const TOO_WIDE = `[...document.querySelectorAll("body *")]
	.filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth && !one.closest(".spoken, thead"))
	.map((one) => one.outerHTML.slice(0, 100))`;

/** The contrast of each text to the first ground below it, by the formula of WCAG 2. */
const CONTRAST = `(() => {
	const parse = (color) => color.match(/[\\d.]+/g).map(Number);
	const luminance = ([r, g, b]) => {
		const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) =>
			part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
		return 0.2126 * x + 0.7152 * y + 0.0722 * z;
	};
	const groundOf = (one) => {
		for (let at = one; at; at = at.parentElement) {
			const color = parse(getComputedStyle(at).backgroundColor);
			if (color[3] !== 0) return color;
		}
	};
	const texts = [...document.querySelectorAll("body *")].filter((one) =>
		!one.closest(".spoken") && one.getClientRects().length > 0 &&
		[...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""));
	const contrast = (one) => {
		const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(groundOf(one))].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05);
	};
	return {
		texts: texts.length,
		faint: texts.filter((one) => contrast(one) < 4.5).map((one) => one.outerHTML.slice(0, 100) + " " + contrast(one)),
		ground: luminance(groundOf(document.body)),
	};
})()`;
