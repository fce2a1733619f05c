import { describe, expect, it } from "vitest";
import { parseInspection } from "../../../src/protocol/inspection.ts";

const KEY =
	"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX]";
const RECORD = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync]";

/** The output of an inspection: .reg lines of the service's key and of the record, which is undefined if absent. */
function printed({
	service = [],
	record,
	started = [],
	state = "",
}: {
	service?: string[];
	record?: string[];
	started?: string[];
	state?: string;
}): string {
	return [
		"took about 1 s",
		"dx-section service",
		...["REGEDIT4", "", KEY, ...service],
		...[
			"",
			`${KEY.slice(0, -1)}\\Parameters]`,
			'"PauseKicksDX"=dword:00000007',
		],
		"dx-section record",
		...(record ? ["REGEDIT4", "", RECORD, ...record] : []),
		"dx-section started",
		...started.map((name) => `   ${name}`),
		"dx-section state",
		state,
		"dx-section end",
		"",
	].join("\r\n");
}

const seen = (what: Parameters<typeof printed>[0]) => {
	const look = parseInspection(printed(what));
	if (!look) throw new Error("not whole");
	return look;
};

describe("the value", () => {
	it.each([
		["dword:00000001", { type: "REG_DWORD", data: "1" }],
		['"1"', { type: "REG_SZ", data: "1" }],
		['"C:\\\\a \\"b\\""', { type: "REG_SZ", data: 'C:\\a "b"' }],
		['"\xfc\x1b[2J"', { type: "REG_SZ", data: "\\xfc\\x1b[2J" }],
		["hex:01,\\\r\n  02", { type: "REG_BINARY", data: "01,02" }],
		["hex(2):41,00", { type: "REG_EXPAND_SZ", data: "41,00" }],
		["hex(7):41,00", { type: "REG_MULTI_SZ", data: "41,00" }],
		["hex(9):01", { type: "hex(9)", data: "01" }],
	])("%s is read with its type", (data, value) => {
		const other = '"DisplayName"="DX"';
		expect(seen({ service: [other, `"PauseKicksDX"=${data}`] }).value).toEqual(
			value,
		);
	});

	it("is found regardless of its case, and not in another key", () => {
		expect(
			seen({ service: ['"pausekicksdx"=dword:00000002'] }).value?.data,
		).toBe("2");
		expect(seen({ service: ['"Start"=dword:00000003'] }).value).toBeNull();
	});
});

describe("the service", () => {
	const NAME = '"DisplayName"="Abgleich f\xfcr MS Mail (DX)"';

	it.each([
		["STATE : 4  RUNNING", "running"],
		["        STATUS             : 7  PAUSED", "paused"],
		["STATE : 1  STOPPED", "stopped"],
		["STATE : 3  STOP_PENDING", "pending"],
	])("is read from sc.exe in any language: %s", (state, service) => {
		expect(seen({ service: [NAME], state }).service).toBe(service);
	});

	it("is read from the list of running services if there is no other source, in any code page", () => {
		const started = ["Event Log", "Abgleich f\x81r MS Mail (DX)"];
		expect(seen({ service: [NAME], started }).service).toBe(
			"running or paused",
		);
		expect(seen({ service: [NAME], started: ["Abgleich"] }).service).toBe(
			"stopped",
		);
		expect(seen({ service: [], started: ["MSExchangeDX"] }).service).toBe(
			"running or paused",
		);
	});

	it("is not installed if only its key exists, which sc.exe reports in any language", () => {
		const state = "[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:";
		expect(seen({ service: [NAME], state }).service).toBe("not installed");
	});

	it("that has a state but no readable key is not reported", () => {
		expect(
			parseInspection(
				"dx-section service\r\n\r\ndx-section record\r\n\r\ndx-section state\r\n STATE : 4 RUNNING\r\ndx-section end\r\n",
			),
		).toBeUndefined();
	});

	it("is not installed if there is no key", () => {
		expect(
			parseInspection(
				"dx-section service\r\n\r\ndx-section record\r\n\r\ndx-section end\r\n",
			),
		).toEqual({
			service: "not installed",
			value: null,
			takesPause: null,
			canStart: false,
			record: null,
		});
	});

	it.each([
		[true, ['"Start"=dword:00000002']],
		[false, ['"Start"=dword:00000004']],
		[false, ['"Start"=dword:00000002', '"DeleteFlag"=dword:00000001']],
	])("can start, as its key shows: %s, %j", (canStart, values) => {
		const image = '"ImagePath"=hex(2):43,00,00,00';
		expect(seen({ service: [...values, image] }).canStart).toBe(canStart);
		expect(seen({ service: values }).canStart).toBe(false);
	});

	it.each([
		["4  RUNNING\r\n   (STOPPABLE, PAUSABLE, ACCEPTS_SHUTDOWN)", true],
		["4  RUNNING\r\n   (STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)", false],
		["4  RUNNING", null],
	])("accepts a pause or not: %j", (state, takesPause) => {
		expect(seen({ state: `STATE : ${state}` }).takesPause).toBe(takesPause);
	});
});

describe("the host record", () => {
	it("is read completely", () => {
		const record = [
			'"PauseKicksDX"=dword:00000000',
			'"Restart"="dx-restart:pending;"',
			'"Stack"="dx-stack:organization/exchange-dirsync/lab;"',
			'"Owner"="dx-owner:0123456789abcdef;"',
			'"Intent"="dx-intent:open cutover-harbor 1111 2026-11-22T17:00:00Z;"',
			'"Receipt.cycle"="dx-done:cycle 2222 2026-11-22T16:00:00Z net pause answered NET HELPMSG 3539;"',
			'"Receipt.cutover-pier"=""',
			'"T2"="dx-t2:open;"',
			'"Began.cycle"=dword:00000001',
		];
		expect(seen({ record }).record).toEqual({
			stack: "organization/exchange-dirsync/lab",
			owner: "0123456789abcdef",
			previous: { type: "REG_DWORD", data: "0" },
			restartPending: true,
			receipts: [
				{
					cycle: "cycle",
					token: "2222",
					at: "2026-11-22T16:00:00Z",
					evidence: "net pause answered NET HELPMSG 3539",
				},
			],
			intent: {
				cycle: "cutover-harbor",
				token: "1111",
				at: "2026-11-22T17:00:00Z",
				evidence: "",
			},
			t2Open: true,
		});
	});

	it("does not exist without an owner, which is written last", () => {
		expect(seen({ record: ['"Stack"="dx-stack:a/b/c;"'] }).record).toBeNull();
	});
});

it("an incomplete inspection has no result", () => {
	expect(parseInspection("")).toBeUndefined();
	expect(
		parseInspection(printed({}).replace(/dx-section end/, "")),
	).toBeUndefined();
});
