import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyOptions, Bench, RECORD } from "../fixture.ts";
import {
	type Accident,
	GATEWAY_ACCIDENTS,
	SAMBA_ACCIDENTS,
} from "./accidents.ts";
import { expectPage } from "./docs.ts";
import { KICK_COLUMNS, type KickRow, kickCells, settle } from "./kick-table.ts";
import { SAMBA_KICK_POINTS } from "./points.ts";
import { Scene } from "./scene.ts";
import { chosen } from "./slice.ts";

// Hosts without an SSH server: an update that is interrupted at any point neither loses nor repeats a cycle silently.
// The script runs on this machine or on a gateway.
const TRANSPORTS: [AnyOptions, readonly Accident[]][] = [
	[{ transport: "samba", make: "nt4", language: "de" }, SAMBA_ACCIDENTS],
	[{ transport: "gateway", make: "smb2" }, GATEWAY_ACCIDENTS],
];
const rows: [string, KickRow][] = [];

describe.each(TRANSPORTS)(
	"an interrupted kick over %j",
	(options, accidents) => {
		const bench = new Bench();
		let scene: Scene;
		beforeAll(async () => {
			scene = await Scene.make(bench, { NT: options });
		});
		afterAll(() => bench.end());

		const cases = SAMBA_KICK_POINTS.flatMap((point, place) =>
			accidents.map((accident, index) => ({
				...{ point, accident, at: point.name, by: accident.name },
				first: index % SAMBA_KICK_POINTS.length === place,
			})),
		);
		// `npm run test:all` tries each accident at one point; `npm test` tries one accident, from this machine.
		const slice = chosen(cases, ({ first }) => first);
		for (const { point, accident } of slice)
			it(
				`at '${point.name}', by '${accident.name}', neither loses nor repeats a cycle silently`,
				{ tags: isShort(accident) ? [] : ["full"] },
				() =>
					scene.alone(async () => {
						await scene.wish();
						await scene.breakOff(point, accident);
						for (const row of await settle(scene, accident.name, point.name))
							rows.push([options.transport, row]);
						for (const host of scene.hosts) {
							expect(await host.registryDump(`${RECORD}-lock`)).toBeUndefined();
							expect(await host.labErrors()).toEqual([]);
						}
					}),
			);

		function isShort({ name }: Accident): boolean {
			return (
				options.transport === "samba" && name === "script and programs killed"
			);
		}
	},
);

it("docs/faults-kick-samba.md lists the result of every fault", () =>
	expectPage(
		"../../../docs/faults-kick-samba.md",
		"Results of an interrupted kick over Samba",
		[
			"Each row was tested on one host: `samba` is a host like NT 4, in German, controlled from the machine that runs Pulumi;",
			"`gateway` is a later one. *Cycles* is the number of cycles that the host's service had run after the next `pulumi up`.",
			"If that update ended with `outcome-unknown`, the user inspected the host, made the choice that is shown, and updated",
			"again: the last column has the final number.",
		],
		["transport", ...KICK_COLUMNS],
		rows.map(([transport, row]) => [transport, ...kickCells(row)]),
	));
