import { expect, it } from "vitest";
import { adaptWait } from "../../rehearse/waits.ts";

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
	'find /v "" Y:\\MBG\\SYSTEM\\*.MSG >nul & if not errorlevel 1 echo mail',
	"for %%f in (C:\\exchsrvr\\connect\\maildat\\in\\*.MSG) do type %%f",
])("runs %s, which a lab host has", (command) => {
	const wait = { host: "PO", command, contains: "mail", every: 30 };
	expect(adaptWait(wait, DRIVES, false)).toEqual({
		wait: { ...wait, every: 1, timeout: 120 },
	});
	expect(adaptWait(wait, DRIVES, true)).toEqual({ wait });
});

it.each([
	["another program", "dumpel -l application X:\\LOG\\RECV.LOG"],
	["a file that the lab does not have", "type X:\\MBG\\SYSTEM.MBG"],
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
