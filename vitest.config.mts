import { defineConfig } from "vitest/config";

// One project for each level of test. First the levels without engine and host, then the parts of hosts and the package,
// then hosts: promises, faults and cutovers in parallel, so that no long file runs alone at the end.
const LEVELS = {
	unit: { folder: "unit/**", order: 0 },
	component: { folder: "component/**", order: 0 },
	lab: { folder: "lab/**", order: 1 },
	plugin: { folder: "plugin/**", order: 1 },
	package: { folder: "package", order: 1 },
	bench: { folder: "bench", order: 1 },
	e2e: { folder: "e2e", order: 2 },
	faults: { folder: "e2e/faults/**", order: 2 },
	cutover: { folder: "e2e/cutover/**", order: 2 },
	languages: { folder: "e2e/languages/**", order: 2 },
};

export default defineConfig({
	test: {
		// One more than the cores: a test that waits for a host leaves a core idle.
		maxWorkers: 3,
		reporters: ["default", "./test/summary.ts"],
		tags: [
			{
				name: "full",
				description:
					"left out of npm test, which tests each promise, transport and kind of host; part of npm run test:all",
			},
		],
		// CI reports the first failure at once. The rest would only make the job longer.
		bail: process.env.CI ? 1 : 0,
		projects: Object.entries(LEVELS).map(([name, { folder, order }]) => ({
			extends: true,
			test: {
				name,
				include: [`test/${folder}/*.test.ts`],
				// Stacks run the compiled program, so it is built from the current sources first.
				globalSetup: /e2e|bench|package/.test(folder) ? ["test/build.ts"] : [],
				sequence: { groupOrder: order },
				// On a loaded machine Wine fails to start about one program in ten thousand ("ShellExecuteEx failed: Internal
				// error"), and the step correctly ends with a code. A second failure is not accepted. Each second try is
				// printed at the end.
				retry: /^(lab|bench|e2e)/.test(folder) ? 1 : 0,
				// For tests that wait for hosts and engines, up to six hosts at once. The others end much earlier.
				testTimeout: 300_000,
				hookTimeout: 300_000,
			},
		})),
	},
});
