// @module-tag full
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LabHost } from "../../lab/lab-host.ts";
import type { Stack } from "../../stack.ts";
import {
	type AnyOptions,
	Bench,
	declare,
	events,
	otherValues,
	RECORD,
	SERVICE,
} from "../fixture.ts";
import {
	ACCIDENTS,
	type Accident,
	breakOff,
	GATEWAY_ACCIDENTS,
	type Place,
	SAMBA_ACCIDENTS,
} from "./accidents.ts";
import { expectPage } from "./docs.ts";
import { ENFORCE_POINTS, type Point, SAMBA_ENFORCE_POINTS } from "./points.ts";
import { chosen } from "./slice.ts";

// An enforcement is interrupted at every point. After the next update the value is set, the service has been restarted
// and runs, the original value is recorded, the rest of the key is unchanged, and no cycle was started.
const KINDS: [AnyOptions, readonly Accident[], readonly Point[]][] = [
	[
		{ transport: "ssh", make: "reg", language: "en" },
		ACCIDENTS,
		ENFORCE_POINTS,
	],
	[
		{ transport: "ssh", make: "nt4", language: "de" },
		ACCIDENTS,
		ENFORCE_POINTS,
	],
	[{ transport: "samba", make: "nt4" }, SAMBA_ACCIDENTS, SAMBA_ENFORCE_POINTS],
	[
		{ transport: "gateway", make: "smb2" },
		GATEWAY_ACCIDENTS,
		SAMBA_ENFORCE_POINTS,
	],
];

/** A host, the point at which its runs are interrupted, and its state before. */
interface Subject extends Place {
	others: string;
	cycles: number;
}

/** The results. If they differ between the kinds of host, the page has a line for each result. */
const rows: string[][] = [];

describe.each(KINDS)(
	"an interrupted enforcement on %j",
	(options, accidents, points) => {
		const bench = new Bench();
		let stack: Stack;
		let places: Subject[];
		let look = 0;

		beforeAll(async () => {
			stack = await bench.stack();
			places = await Promise.all(
				points.map(async (point) => ({
					point,
					host: await bench.anyHost(options),
					others: "",
					cycles: 0,
				})),
			);
			await declare(
				stack,
				...places.map(({ host }, index) => ({
					name: `EXCH0${index}`,
					host,
					more: { cycle: { triggers: ["once"] } },
				})),
			);
			await stack.must("up", "--yes", "--skip-preview");
			for (const place of places) {
				place.others = await otherValues(place.host);
				place.cycles = (await place.host.cycles()).length;
			}
		});
		afterAll(() => bench.end());

		// `npm run test:all` tries every second accident, alternating between the kinds of host.
		const turn = KINDS.findIndex(([kind]) => kind === options) % 2;
		const tried = chosen(accidents, (_, index) => index % 2 === turn);
		it.each(tried)(
			"is completed by the next update, at every point, by $name",
			async (accident) => {
				look += 1;
				for (const { host } of places)
					await host.setRegistry(SERVICE, "PauseKicksDX", undefined);
				await stack.configure({ verify: `look ${look}` });
				await breakOff(stack, places, accident);
				const { output } = await stack.must("up", "--yes", "--skip-preview");
				for (const place of places) {
					await expectGood(place, output);
					const row = [
						place.point.name,
						accident.name,
						"enforced, restarted, running",
						"none",
					];
					if (!rows.some((other) => String(other) === String(row)))
						rows.push(row);
				}
			},
		);

		async function expectGood(place: Subject, output: string): Promise<void> {
			const { host, point } = place;
			const why = `${point.name}\n${output}`;
			expect(await host.registryValue(SERVICE, "PauseKicksDX"), why).toBe(
				"dword:00000001",
			);
			expect((await events(host)).at(-1), why).toBe("start kicks=1");
			expect(await otherValues(host), why).toBe(place.others);
			expect((await host.cycles()).length, why).toBe(place.cycles);
			expect(await host.labErrors(), why).toEqual([]);
			expect(await host.registryDump(`${RECORD}-lock`), why).toBeUndefined();
			if (host instanceof LabHost)
				expect((await host.files()).join("\n"), why).not.toContain("dx-work");
		}

		it("keeps the original value, which destroy restores", async () => {
			const { hosts } = (await stack.outputs()) as {
				hosts: Record<string, { previous: string }>;
			};
			for (const { previous } of Object.values(hosts))
				expect(previous).toBe("absent");
			expect((await stack.destroy()).exitCode).toBe(0);
			for (const { host, others } of places) {
				expect(await host.registryValue(SERVICE, "PauseKicksDX")).toBe(
					undefined,
				);
				expect(await otherValues(host)).toBe(others);
			}
		});
	},
);

it("docs/faults-enforcement.md lists the result of every fault", () =>
	expectPage(
		"../../../docs/faults-enforcement.md",
		"Results of an interrupted enforcement",
		[
			"Before each row the value was removed, so the service had to be restarted. Tested by SSH on a host with reg.exe and on",
			"one like NT 4, in German with code page 850, and over Samba, from this machine and through a gateway. A point or an",
			"accident that only one transport has was tested with that one. After the next `pulumi up` the test inspected on the",
			"host: the value, the service's log, every other value of the key, files, locks and cycles. In the end `destroy` restored",
			"the original state.",
		],
		["interrupted at", "by", "after the next `up`", "cycles"],
		rows,
	));
