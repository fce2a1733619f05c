import { defineConfig } from "vitest/config";

// One project a level of test, one level after the other, cheapest first.
const LEVELS = ["unit", "component", "lab", "plugin", "e2e"];

export default defineConfig({
	test: {
		// Two cores are soon full, but a file that waits for a Windows service need not hold up its neighbour.
		maxWorkers: 2,
		projects: LEVELS.map((name, groupOrder) => ({
			extends: true,
			test: {
				name,
				include: [`test/${name}/**/*.test.ts`],
				sequence: { groupOrder },
				// For what waits for hosts and engines, six hosts at once among them; the others end long before.
				testTimeout: 300_000,
				hookTimeout: 300_000,
			},
		})),
	},
});
