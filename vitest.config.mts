import { defineConfig } from "vitest/config";

// One project a level of test, cheapest first. The levels that start hosts or engines run file by file: two cores
// are soon full, and a test that waits for a Windows service must not wait for its neighbour.
const cheap = (name: string) => ({
	test: { name, include: [`test/${name}/**/*.test.ts`] },
});
const costly = (name: string) => ({
	test: {
		name,
		include: [`test/${name}/**/*.test.ts`],
		fileParallelism: false,
		testTimeout: 120_000,
		hookTimeout: 120_000,
	},
});

export default defineConfig({
	test: {
		projects: [
			cheap("unit"),
			cheap("component"),
			costly("lab"),
			costly("plugin"),
			costly("e2e"),
		],
	},
});
