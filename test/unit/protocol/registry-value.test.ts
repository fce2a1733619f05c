import { expect, it } from "vitest";
import {
	formatRegistryValue,
	parseRegistryValue,
} from "../../../src/protocol/registry-value.ts";

it.each([
	["dword:00000000", "REG_DWORD 0"],
	["dword:ffffffff", "REG_DWORD 4294967295"],
	['"1"', "REG_SZ 1"],
	['""', "REG_SZ "],
	['"C:\\\\mail \\"a\\""', 'REG_SZ C:\\mail "a"'],
	['"f\u00fcr"', "REG_SZ f\\xfcr"],
	["hex:01,0a", "REG_BINARY 01,0a"],
	["hex(b):01,00,00,00,00,00,00,00", "REG_QWORD 1"],
	["hex(b):01,00", "REG_QWORD 01,00"],
	["hex(0):", "REG_NONE "],
	["hex(2):25,00", "REG_EXPAND_SZ 25,00"],
	["hex(7):61,00,00", "REG_MULTI_SZ 61,00,00"],
	["hex(9):00", "hex(9) 00"],
])("%s is formatted as %s", (exported, text) => {
	expect(formatRegistryValue(parseRegistryValue(exported))).toBe(text);
});

it("a missing value is formatted as absent", () => {
	expect(formatRegistryValue(null)).toBe("absent");
});
