import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench } from "../fixture.ts";
import { ACCIDENTS } from "./accidents.ts";
import { type KickRow, settle } from "./kick-table.ts";
import { KICK_POINTS } from "./points.ts";
import { Scene, told } from "./scene.ts";

// P5: an update broken off at any point never loses a cycle silently and never doubles one silently.
const bench = new Bench();
const rows: KickRow[] = [];
let scene: Scene;

beforeAll(async () => {
	scene = await Scene.make(bench);
});
afterAll(() => bench.end());

describe.each(KICK_POINTS)("a kick broken off, $name", (point) => {
	it.each(ACCIDENTS.filter(({ notAt = [] }) => !notAt.includes(point.name)))(
		"by $name",
		async (accident) => {
			await scene.wish();
			const { during } = await scene.breakOff(point, accident);
			if (during)
				for (const member of scene.members)
					expect(told(during, member), during.output).toBe(
						point.name === "connected" ? "started" : "busy",
					);
			rows.push(...(await settle(scene, accident.name, point.name)));
		},
	);
});
