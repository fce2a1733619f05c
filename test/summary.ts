import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Prints at the end of the run which tests were left to the full run, by file or name, and which tests needed a second
 * try, with the error of the first.
 */
export default class Summary implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const tests = modules.flatMap((module) => [...module.children.allTests()]);
		const lines = [...retried(tests), ...skipped(modules)];
		if (lines.length > 0) console.log(`\n${lines.join("\n")}`);
	}
}

function retried(tests: readonly TestCase[]): string[] {
	const again = tests.filter((test) => test.diagnostic()?.retryCount);
	if (again.length === 0) return [];
	return [
		`${count(again.length, "test")} needed a second try:`,
		...again.flatMap((test) => [
			`  ${test.module.relativeModuleId} > ${test.fullName}`,
			`    first try: ${test.result().errors?.[0]?.message.split("\n")[0]}`,
		]),
	];
}

function skipped(modules: readonly TestModule[]): string[] {
	const left = modules
		.map((module) => {
			const all = [...module.children.allTests()];
			const own = all
				.filter(({ tags }) => tags.includes("full"))
				.filter((test) => test.result().state === "skipped");
			return {
				name: module.relativeModuleId,
				own,
				isWhole: own.length === all.length,
			};
		})
		.filter(({ own }) => own.length > 0);
	if (left.length === 0) return [];
	const total = left.reduce((sum, { own }) => sum + own.length, 0);
	return [
		`${count(total, "test")} left to the full run, npm run test:all:`,
		...left.map(({ name, own, isWhole }) =>
			isWhole
				? `  ${name}: all ${own.length}`
				: `  ${name}: ${own.length}, ${[...new Set(own.map(topic))].join("; ")}`,
		),
	];
}

/** The outermost group of a test, or the test's own name. */
function topic(test: TestCase): string {
	return test.fullName.split(" > ")[0] ?? test.name;
}

const count = (n: number, noun: string): string =>
	`${n} ${noun}${n === 1 ? "" : "s"}`;
