// @module-tag full
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Run } from "../../stack.ts";
import { Bench } from "../fixture.ts";
import { Site } from "./site.ts";

// While a service is slow, a program holds the update or mail is late, `pulumi up` prints what it waits for. Nothing of
// that is kept.
const LINES = [
	"checks PauseKicksDX on EXCH01, sets it and restarts the service if needed; not ended after 20 s",
	"waits until type X:\\LOG\\RECV.LOG on PO-HARBOR prints EXCH01; 60 s left; last seen: EXCH01-kick, T1 started",
	"runs rebuild on PO-HARBOR; 480 min left; last seen: PO-HARBOR-import, ",
].map(
	(line) => new RegExp(line.replaceAll(/[\\.]/g, "\\$&").replace("60", "5\\d")),
);

describe("an update", () => {
	const bench = new Bench();
	let site: Site;
	let output = "";
	let update: Promise<Run>;
	beforeAll(async () => {
		site = await Site.make(bench, "requestor", { "PO-HARBOR": ["Anna"] });
		await site.declare("rehearsal-1");
		await site.exchangeHost.set({ startSeconds: 25 });
		const run = site.stack.start(["up", "--yes", "--skip-preview"]);
		run.all.on("data", (text) => {
			output += text;
		});
		update = run.then(({ exitCode, all }) => ({ exitCode, output: all }));
	});
	afterAll(() => bench.end());

	const printed = (line: RegExp) =>
		vi.waitFor(() => expect(output).toMatch(line), {
			...{ timeout: 60_000, interval: 100 },
		});

	it("prints a line while a service restarts, mail is late and a program runs", async () => {
		site.network.hold();
		const gate = await site.first.host.gate({
			...{ when: "before", program: "rebuild" },
		});
		await printed(LINES[0] as RegExp);
		expect(await site.exchangeHost.cycles()).toEqual([]);
		// The mail of T1 is held.
		await printed(LINES[1] as RegExp);
		site.network.release();
		await gate.reached();
		await printed(LINES[2] as RegExp);
		await gate.open();
		const { exitCode } = await update;
		expect(exitCode, output).toBe(0);
	});

	it("keeps none of the lines in state, outputs and report", async () => {
		const page = await readFile(await site.stack.report(output), "utf8");
		const kept = [
			(await site.stack.must("stack", "export", "--show-secrets")).output,
			(await site.stack.must("stack", "output", "--json")).output,
			page,
		];
		for (const text of kept) {
			expect(text).toContain("EXCH01");
			expect(text).not.toMatch(/ left; last seen|restarts the service if/);
		}
	});
});
