import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench } from "../fixture.ts";
import { ACCIDENTS, type Accident } from "./accidents.ts";
import { expectPage } from "./docs.ts";
import { KICK_COLUMNS, type KickRow, kickCells, settle } from "./kick-table.ts";
import { KICK_POINTS, type Point } from "./points.ts";
import { kicks, Scene, told } from "./scene.ts";
import { chosen } from "./slice.ts";

// An update that is interrupted at any point neither loses nor repeats a cycle silently.
const bench = new Bench();
const rows: KickRow[] = [];
let scene: Scene;

beforeAll(async () => {
	scene = await Scene.make(bench);
});
afterAll(() => bench.end());

/** The accidents of `npm test`: the engine survives, the engine is killed, the script is killed. */
const SHORT: readonly string[] = [
	"connection cut, next update at once",
	"engine killed",
	"script and programs killed",
];

const alone = (work: () => Promise<void>) => () => scene.alone(work);

describe("a kick", () => {
	it(
		"is sent by the next update if the host refused connections",
		{ tags: ["full"] },
		alone(async () => {
			await scene.wish();
			await Promise.all(scene.hosts.map((host) => host.stopServer()));
			const { exitCode } = await scene.stack.up();
			expect(exitCode).not.toBe(0);
			await Promise.all(scene.hosts.map((host) => host.startServer()));
			rows.push(...(await settle(scene, "no connection", "not begun")));
		}),
	);

	it(
		"has an unknown outcome if the service hangs and starts the cycle after its answer",
		{ tags: ["full"] },
		alone(async () => {
			await scene.wish();
			for (const host of scene.hosts)
				await host.set({ pause: "hang", hangSeconds: 15 });
			const broken = await scene.stack.up();
			for (const member of scene.members)
				expect(told(broken, member)).toBe("unknown");
			for (const host of scene.hosts) await host.set({ pause: "kick" });
			for (const member of scene.members)
				await expect
					.poll(() => kicks(member), { timeout: 60_000, interval: 250 })
					.toBe(1);
			rows.push(...(await settle(scene, "service hangs", "control sent")));
		}),
	);
});

const cases = KICK_POINTS.flatMap((point, index) =>
	ACCIDENTS.filter(({ notAt = [] }) => !notAt.includes(point.name)).map(
		(accident) => ({
			point,
			accident,
			at: point.name,
			by: accident.name,
			index,
		}),
	),
);

describe("an interrupted kick", () => {
	for (const { point, accident, at, by } of chosen(
		cases,
		({ index, accident }) => index === firstPointOf(accident),
	))
		it(
			`at '${at}', by '${by}', neither loses nor repeats a cycle silently`,
			{ tags: SHORT.includes(by) ? [] : ["full"] },
			alone(async () => {
				await scene.wish();
				const { during } = await scene.breakOff(point, accident);
				if (during)
					for (const member of scene.members)
						expect(told(during, member), during.output).toBe(
							at === "connected" ? "started" : "busy",
						);
				rows.push(...(await settle(scene, by, at)));
			}),
		);
});

/** `npm run test:all` tries each accident at one point, and at each point at least one accident. */
function firstPointOf(accident: Accident): number {
	const { notAt = [] } = accident;
	const possible = [...KICK_POINTS.keys()].filter(
		(index) => !notAt.includes((KICK_POINTS[index] as Point).name),
	);
	return possible[ACCIDENTS.indexOf(accident) % possible.length] as number;
}

it("docs/faults-kick.md lists the result of every fault", () =>
	expectPage(
		"../../../docs/faults-kick.md",
		"Results of an interrupted kick",
		[
			"Each row was tested on two hosts with the same result: one with reg.exe, and one like NT 4, in German with code page",
			"850. *Cycles* is the number of cycles that the host's service had run after the next `pulumi up`. If that update ended",
			"with `outcome-unknown`, the user inspected the host, made the choice that is shown, and updated again: the last column",
			"has the final number.",
		],
		KICK_COLUMNS,
		rows.map(kickCells),
	));
