import { describe, expect, it } from "vitest";
import {
	awaitsT3,
	type Plan,
	participantKeys,
	planSteps,
} from "../../../src/model/cutover-plan.ts";
import { endpointKey } from "../../../src/model/host.ts";

const plan = (changes: Partial<Plan> = {}): Plan => ({
	exchange: { name: "EXCH01", role: "requestor" },
	postOffices: [
		{ name: "HARBOR", role: "server", machine: "a" },
		{ name: "PIER", role: "requestor", machine: "b" },
	],
	applyOnPostOffices: true,
	...changes,
});

/** Each step, followed by the steps that it waits for. */
const told = (changes?: Partial<Plan>) =>
	planSteps(plan(changes)).map(
		({ name, after }) => `${name} < ${after.join(", ")}`,
	);

describe("the steps of a cutover", () => {
	it("are those of Q148309 if Exchange is a requestor", () => {
		expect(told()).toEqual([
			"HARBOR-reqmain-t < ",
			"PIER-reqmain-t < ",
			"EXCH01-kick < HARBOR-reqmain-t, PIER-reqmain-t",
			"t1-delivered < EXCH01-kick",
			"HARBOR-srvmain-r < t1-delivered",
			"HARBOR-srvmain-t < HARBOR-srvmain-r",
			"t2-delivered < HARBOR-srvmain-t",
			"HARBOR-reqmain-r < t2-delivered",
			"HARBOR-import < HARBOR-reqmain-r",
			"HARBOR-rebuild < HARBOR-import",
			"PIER-reqmain-r < t2-delivered",
			"PIER-import < PIER-reqmain-r",
			"PIER-rebuild < PIER-import",
		]);
	});

	it("are those of Q147464 and the record of T3 if Exchange is the dirsync server", () => {
		const postOffices = [{ name: "PIER", role: "requestor", machine: "b" }];
		const exchange = { name: "EXCH01", role: "server" };
		expect(told({ exchange, postOffices })).toEqual([
			"PIER-reqmain-t < ",
			"t1-delivered < PIER-reqmain-t",
			"EXCH01-kick < t1-delivered",
			"t2-delivered < EXCH01-kick",
			"PIER-reqmain-r < t2-delivered",
			"PIER-import < PIER-reqmain-r",
			"PIER-rebuild < PIER-import",
			"EXCH01-t3-done < PIER-rebuild",
		]);
	});

	it("do not include T3 if applyOnPostOffices is false", () => {
		expect(told({ applyOnPostOffices: false }).at(-1)).toBe(
			"t2-delivered < HARBOR-srvmain-t",
		);
	});

	it("follow each other if post offices share a machine", () => {
		const postOffices = plan().postOffices.map((office) => ({
			...office,
			machine: "a",
		}));
		expect(told({ postOffices })).toContain(
			"PIER-reqmain-t < HARBOR-reqmain-t",
		);
		expect(told({ postOffices })).toContain("PIER-reqmain-r < HARBOR-rebuild");
	});
});

it("a machine is identified by its address and port", () => {
	const at = (host: string, port?: number) =>
		endpointKey({ name: "PO", ssh: { host, ...(port && { port }) } });
	expect(at("Mail.Corp")).toBe(at("mail.corp", 22));
	expect(at("mail.corp", 23)).not.toBe(at("mail.corp"));
	expect(
		endpointKey({ name: "PO", ssh: { host: Promise.resolve("mail.corp") } }),
	).toBe("PO");
});

it("a T2 awaits T3 only if Exchange is the dirsync server and applyOnPostOffices is true", () => {
	const asked = (role: string, applyOnPostOffices: boolean) =>
		awaitsT3({ exchange: { name: "EXCH01", role }, applyOnPostOffices });
	expect(asked("server", true)).toBe(true);
	expect(asked("requestor", true)).toBe(false);
	expect(asked("server", false)).toBe(false);
});

it("the order of the post offices does not change the participants of a cutover", () => {
	const { exchange, postOffices } = plan();
	const parts = ["EXCH01 requestor", "HARBOR server", "PIER requestor"];
	expect(participantKeys(exchange, postOffices)).toEqual(parts);
	expect(participantKeys(exchange, [...postOffices].reverse())).toEqual(parts);
});
