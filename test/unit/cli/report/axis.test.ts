import fc from "fast-check";
import { expect, it } from "vitest";
import { createAxis, idleGaps } from "../../../../src/cli/report/axis.ts";

const MINUTE = 60_000;
const at = (minutes: number) => Date.UTC(2026, 10, 25, 22) + minutes * MINUTE;

it("has ticks at round times", () => {
	const { ticks, breaks } = createAxis([{ start: at(0.1), end: at(12.9) }]);
	expect(ticks.map(({ time }) => (time - at(0)) / MINUTE)).toEqual([
		2, 4, 6, 8, 10, 12,
	]);
	expect(breaks).toEqual([]);
});

it("leaves out a night in which nothing ran", () => {
	const { place, breaks } = createAxis([
		{ start: at(0), end: at(10) },
		{ start: at(600), end: at(610) },
	]);
	expect(breaks).toMatchObject([{ span: { start: at(10), end: at(600) } }]);
	expect(place(at(10))).toBeCloseTo(47.5);
	expect(place(at(600))).toBeCloseTo(52.5);
});

it("has a tick where work continued, and space for its labels on a narrow screen", () => {
	const work = [
		{ start: at(0), end: at(10) },
		{ start: at(599.9), end: at(610) },
	];
	const { ticks } = createAxis(work);
	expect(ticks.map(({ time }) => time)).toContain(at(599.9));
	const narrow = ticks.filter((tick) => tick.narrow).map((tick) => tick.at);
	for (const [index, place] of narrow.slice(1).entries())
		expect(place - (narrow[index] as number)).toBeGreaterThanOrEqual(28);
	expect(idleGaps(work)).toEqual([{ start: at(10), end: at(599.9) }]);
});

it("keeps order and bounds for all times", () => {
	const span = fc
		.tuple(fc.nat(2_000_000), fc.nat(40_000))
		.map(([start, took]) => ({
			start: start * 1000,
			end: (start + took) * 1000,
		}));
	fc.assert(
		fc.property(fc.array(span, { minLength: 1, maxLength: 20 }), (work) => {
			const { place, ticks } = createAxis(work);
			const times = work
				.flatMap(({ start, end }) => [start, end])
				.sort((a, b) => a - b);
			const places = times.map(place);
			expect(places).toEqual([...places].sort((a, b) => a - b));
			for (const where of [...places, ...ticks.map((tick) => tick.at)]) {
				expect(where).toBeGreaterThanOrEqual(0);
				expect(where).toBeLessThanOrEqual(100.001);
			}
		}),
	);
});
