import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listOf } from "../../rehearse/list.ts";
import { partOf, readStackFile } from "../../rehearse/stack-file.ts";
import { isBefore, stepsOf } from "../../rehearse/steps.ts";

const STACKS = join(import.meta.dirname, "../../../stacks");
const read = (stack: string) =>
	readStackFile(join(STACKS, `Pulumi.${stack}.yaml`), stack);

describe("the steps of a rehearsal", () => {
	it("are the resources of an update, in order, if Exchange is a requestor", async () => {
		const steps = stepsOf(await read("rehearsal"));
		expect(
			steps.map(({ name, kind, entry, transport }) =>
				[name, kind, transport, entry?.name].join(" "),
			),
		).toEqual([
			"EXCH01 enforcement ssh EXCH01",
			"harbor-PO-HARBOR check ssh PO-HARBOR",
			"harbor-PO-PIER check ssh PO-PIER",
			"harbor-PO-HARBOR-reqmain-t program ssh PO-HARBOR",
			"harbor-PO-PIER-reqmain-t program ssh PO-PIER",
			"harbor-EXCH01-kick kick ssh EXCH01",
			"harbor-t1-delivered wait ssh PO-HARBOR",
			"harbor-PO-HARBOR-srvmain-r program ssh PO-HARBOR",
			"harbor-PO-HARBOR-srvmain-t program ssh PO-HARBOR",
			"harbor-t2-delivered wait ssh PO-PIER",
			"harbor-PO-HARBOR-reqmain-r program ssh PO-HARBOR",
			"harbor-PO-HARBOR-import program ssh PO-HARBOR",
			"harbor-PO-HARBOR-rebuild program ssh PO-HARBOR",
			"harbor-PO-PIER-reqmain-r program ssh PO-PIER",
			"harbor-PO-PIER-import program ssh PO-PIER",
			"harbor-PO-PIER-rebuild program ssh PO-PIER",
		]);
	});

	it("have a T2 after its wait, and the record of T3, if Exchange is the dirsync server", async () => {
		const steps = stepsOf(await read("production"));
		const names = steps.map(({ name }) => name);
		expect(names.indexOf("quay-t1-delivered")).toBeLessThan(
			names.indexOf("quay-EXCH02-kick"),
		);
		expect(names.at(-1)).toBe("quay-EXCH02-t3-done");
		expect(steps.find(({ name }) => name === "quay-EXCH02-kick")).toMatchObject(
			{ uncertainIn: "cutovers[0]", awaitsT3: true },
		);
		// A wait of a fixed time runs on the machine that runs Pulumi.
		const wait = steps.find(({ name }) => name === "quay-t1-delivered");
		expect(wait).toMatchObject({ transport: "local" });
		expect(wait?.entry).toBeUndefined();
	});

	it("of a part have a wait for a post office outside it on the Exchange host", async () => {
		const part = partOf(await read("production"), ["EXCH02", "PO-QUAY"]);
		const wait = stepsOf(part).find(({ name }) => name === "quay-t2-delivered");
		expect(wait?.entry?.name).toBe("EXCH02");
	});

	it("have a host's own cycle after its enforcement", async () => {
		const declared = await read("rehearsal");
		const hosts = declared.hosts.map((host) => ({
			...host,
			cycle: { triggers: ["a"] },
		}));
		const [enforcement, cycle] = stepsOf({ ...declared, hosts });
		expect(enforcement?.name).toBe("EXCH01");
		expect(cycle).toMatchObject({
			...{ name: "EXCH01-cycle", kind: "kick", after: ["EXCH01"] },
			uncertainIn: "hosts[0].cycle",
		});
	});

	it("know which steps come before them", async () => {
		const steps = stepsOf(await read("rehearsal"));
		const find = (name: string) => {
			const found = steps.find((step) => step.name === name);
			if (!found) throw new Error(name);
			return found;
		};
		const last = find("harbor-PO-PIER-rebuild");
		for (const step of steps.slice(0, -1))
			expect(isBefore(steps, step, last), step.name).toBe(true);
		expect(isBefore(steps, last, find("EXCH01"))).toBe(false);
		expect(isBefore(steps, last, last)).toBe(false);
	});

	it("are listed with their accidents", async () => {
		const text = listOf(stepsOf(await read("production")));
		expect(text).toMatch(
			/^EXCH02 +EXCH02 +enforces the value +connection-cut engine-killed disk-full wrong-password host-off$/m,
		);
		expect(text).toMatch(
			/^quay-t1-delivered +this machine +waits for mail +engine-killed$/m,
		);
		expect(text).toMatch(/^quay-PO-QUAY-import .* program-fails .*wrong-pass/m);
		expect(text).toMatch(/^host-off +the host is off$/m);
		expect(text).toContain('--break "quay-EXCH02-kick:connection-cut"');
	});
});
