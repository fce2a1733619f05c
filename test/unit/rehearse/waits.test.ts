import { join } from "node:path";
import { expect, it } from "vitest";
import {
	type CutoverEntry,
	partOf,
	readStackFile,
} from "../../rehearse/stack-file.ts";
import { adaptWait, adaptWaits } from "../../rehearse/waits.ts";

const DRIVES = ["X", "Y"];

it("shortens a fixed wait, unless real time is wanted", () => {
	const wait = { seconds: 900 };
	expect(adaptWait(wait, DRIVES, false)).toEqual({
		wait: { seconds: 2 },
		change: "shortened",
	});
	expect(adaptWait(wait, DRIVES, true)).toEqual({ wait });
	expect(adaptWait({ seconds: 0 }, DRIVES, false)).toEqual({
		wait: { seconds: 0 },
	});
});

it.each([
	"type X:\\LOG\\RECV.LOG",
	"type x:\\log\\sent.log",
	"dir /b Y:\\MBG\\SYSTEM",
	'find /v "" Y:\\MBG\\SYSTEM.MBG >nul & if not errorlevel 1 echo mail',
	"for %%f in (C:\\exchsrvr\\connect\\maildat\\in\\*.MSG) do type %%f",
])("runs %s, which a lab host has", (command) => {
	const wait = { host: "PO", command, contains: "mail", every: 30 };
	expect(adaptWait(wait, DRIVES, false)).toEqual({
		wait: { ...wait, every: 1, timeout: 120 },
		change: "asked every second",
	});
	expect(adaptWait(wait, DRIVES, true)).toEqual({ wait });
});

it.each([
	["another program", "dumpel -l application X:\\LOG\\RECV.LOG"],
	["a file that the lab does not have", "type X:\\MBG\\INQUEUE3.MBG"],
	["another drive", "type Z:\\LOG\\RECV.LOG"],
	["no file", "echo mail"],
	["another program after the first", "type X:\\LOG\\RECV.LOG | grep mail"],
])("simulates a wait with %s by its text", (_, command) => {
	const wait = { host: "PO", command, contains: "mail" };
	expect(adaptWait(wait, DRIVES, false)).toEqual({
		wait: { ...wait, command: "echo mail", every: 1, timeout: 120 },
		change: "simulated",
	});
});

it("prints the text of a simulated wait as it is, also with characters that cmd.exe reads", () => {
	const wait = { host: "PO", command: "dumpel", contains: "<a> & 5% ^|(b)" };
	expect(adaptWait(wait, DRIVES, false).wait.command).toBe(
		"echo ^<a^> ^& 5%% ^^^|^(b^)",
	);
});

it("simulates a wait on a post office that does not take part, on the Exchange host", async () => {
	const stacks = join(import.meta.dirname, "../../../stacks");
	const production = await readStackFile(
		join(stacks, "Pulumi.production.yaml"),
		"production",
	);
	const [cutover] = partOf(production, ["EXCH02", "PO-QUAY"]).cutovers;
	const { waits, changes } = adaptWaits(cutover as CutoverEntry, false);
	expect(waits.t2Delivered).toMatchObject({
		...{ host: "EXCH02", command: "echo mail waits" },
	});
	expect(changes).toEqual(["t1Delivered: shortened", "t2Delivered: simulated"]);
});
