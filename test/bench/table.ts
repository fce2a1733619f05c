import { median, type Results } from "./results.ts";
import type { Target } from "./targets.ts";

export const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
/** With two decimals; empty if nothing was measured. */
export const cell = (value: number) => (Number.isNaN(value) ? "" : two(value));
const two = (value: number) => value.toFixed(2);

/** The seconds of a step as `median (shortest–longest)`; empty if nothing was measured. */
export function spread(
	results: Results,
	...of: Parameters<Results["of"]>
): string {
	const walls = results.of(...of).map(({ wall }) => wall);
	return walls.length === 0
		? ""
		: `${two(median(walls))} (${two(Math.min(...walls))}–${two(Math.max(...walls))})`;
}

/** All measurements, as markdown. */
export function table(results: Results): string {
	const lines = [
		row([
			...["hosts", "step", "side", "wall s (min-max)", "CPU s", "peak MB"],
			...["log-ins a host", "commands a host", "CPU s of the hosts"],
		]),
		row(Array(9).fill("---")),
	];
	for (const hosts of results.values("hosts"))
		for (const step of results.values("step"))
			for (const side of results.values("side")) {
				const walls = spread(results, hosts, step, side);
				if (walls === "") continue;
				const medianOf = (what: Parameters<Results["median"]>[0]) =>
					results.median(what, hosts, step, side);
				const each = (what: "logins" | "commands") =>
					hosts === 0 ? "" : String(+two(medianOf(what) / hosts));
				lines.push(
					row([
						...[hosts === 0 ? "none" : String(hosts), step, side],
						walls,
						two(medianOf("cpu")),
						(medianOf("memory") / 1e6).toFixed(0),
						...[each("logins"), each("commands"), cell(medianOf("servers"))],
					]),
				);
			}
	return lines.join("\n");
}

export function targetTable(targets: readonly Target[]): string {
	return [
		row(["target", "at most", "got", "", "of CPU"]),
		row(Array(5).fill("---")),
		...targets.map(({ what, limit, got, cpu }) =>
			row([
				...[what, String(limit), two(got), got <= limit ? "PASS" : "MISS"],
				cpu === undefined ? "" : two(cpu),
			]),
		),
	].join("\n");
}
