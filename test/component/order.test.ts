/**
 * The trigger follows the enforcement.
 *
 * Pulumi is mocked, so the tests check only what the program registers, and when. Not tested here: that the engine runs
 * the commands in this order, and skips the trigger if the enforcement fails.
 */
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { hostArgs } from "./host-args.ts";
import { find, goodHost, run } from "./program.ts";
import { argumentsIn } from "./wire.ts";

const declare = () => void new PauseKicksDX("EXCH01", hostArgs());

afterEach(() => {
	vi.useRealTimers();
});

describe("the trigger", () => {
	it("is registered only after the enforcement has printed its output", async () => {
		const asked: string[] = [];
		let print = () => {};
		const printing = new Promise<void>((resolve) => {
			print = resolve;
		});
		const running = run(declare, {
			stdout: async (name) => {
				asked.push(name);
				if (name === "EXCH01") await printing;
				return goodHost(name);
			},
		});
		await vi.waitFor(() => expect(asked).toEqual(["EXCH01"]));
		// Long enough: a registration that does not wait takes a few milliseconds.
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(asked).toEqual(["EXCH01"]);
		print();
		await running;
		expect(asked).toEqual(["EXCH01", "EXCH01-cycle"]);
	});

	it("contains the time after the enforcement's output, to the second and in UTC", async () => {
		vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(1999, 2, 1, 22) });
		const result = await run(declare, {
			stdout: (name) => {
				if (name === "EXCH01")
					vi.setSystemTime(Date.UTC(1999, 2, 1, 23, 5, 9, 7));
				return goodHost(name);
			},
		});
		const { create } = find(result, "EXCH01-cycle").inputs;
		expect(argumentsIn(create)).toContain("1999-03-01T23:05:09Z");
	});

	it("has known triggers in a preview, and only its create is unknown", async () => {
		const result = await run(declare, { preview: true });
		const { inputs } = find(result, "EXCH01-cycle");
		const unknown = Object.keys(inputs).filter((key) =>
			pulumi.isUnknown(inputs[key]),
		);
		expect(unknown).toEqual(["create"]);
		expect(inputs.triggers).toEqual(["initial-import"]);
	});
});

describe("the enforcement", () => {
	it("has only known inputs in a preview, so the preview shows its changes", async () => {
		const result = await run(declare, { preview: true });
		const { inputs } = find(result, "EXCH01");
		expect(Object.values(inputs).some((input) => pulumi.isUnknown(input))).toBe(
			false,
		);
	});
});
