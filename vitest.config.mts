import { defineConfig } from "vitest/config";

// One project a level of test, cheapest first. A level that starts hosts or engines runs at most two files at a time:
// two cores are soon full, but a test that waits for a Windows service need not hold up its neighbour.
const level = (name: string, more = {}) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});
const costly = {
	maxWorkers: 2,
	testTimeout: 180_000,
	hookTimeout: 120_000,
};

export default defineConfig({
	test: {
		projects: [
			level("unit"),
			level("component"),
			level("lab", costly),
			level("plugin", costly),
			level("e2e", costly),
		],
	},
});
