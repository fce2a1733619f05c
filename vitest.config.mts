import { defineConfig } from "vitest/config";

// One project a level of test. What needs neither engine nor host comes first, then the parts that hosts are made of,
// then hosts: what is promised, what breaks, and whole cutovers, side by side, so that no long file is alone at an end.
const LEVELS = {
	unit: { folder: "unit/**", order: 0 },
	component: { folder: "component/**", order: 0 },
	lab: { folder: "lab/**", order: 1 },
	plugin: { folder: "plugin/**", order: 1 },
	bench: { folder: "bench", order: 1 },
	e2e: { folder: "e2e", order: 2 },
	faults: { folder: "e2e/faults/**", order: 2 },
	cutover: { folder: "e2e/cutover/**", order: 2 },
};

export default defineConfig({
	test: {
		// One more than there are cores: a test that waits for a host leaves one idle.
		maxWorkers: 3,
		reporters: ["default", "./test/summary.ts"],
		tags: [
			{
				name: "full",
				description:
					"left out of npm test, which tries each promise, way in and kind of host; part of npm run test:all",
			},
		],
		// What fails in CI is told at once; the rest would only make its hour longer.
		bail: process.env.CI ? 1 : 0,
		projects: Object.entries(LEVELS).map(([name, { folder, order }]) => ({
			extends: true,
			test: {
				name,
				include: [`test/${folder}/*.test.ts`],
				// Stacks run the compiled program: what is tested is what is in src now.
				globalSetup: /e2e|bench/.test(folder) ? ["test/build.ts"] : [],
				sequence: { groupOrder: order },
				// On a loaded machine Wine fails to start a program about once in ten thousand times ("ShellExecuteEx failed:
				// Internal error"), and a step then ends with a code of ours, as it should. Twice is no accident. Each second
				// try is printed at the end.
				retry: /^(lab|bench|e2e)/.test(folder) ? 1 : 0,
				// For what waits for hosts and engines, six hosts at once among them; the others end long before.
				testTimeout: 300_000,
				hookTimeout: 300_000,
			},
		})),
	},
});
