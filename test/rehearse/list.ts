import { alignColumns } from "../../src/cli/columns.ts";
import {
	ACCIDENTS,
	type AccidentName,
	accidentOf,
	accidentsOf,
} from "./accidents.ts";
import type { RehearsedStep } from "./steps.ts";

/** The text of `--list`: the steps in order, each with its host and its accidents, and what the accidents are. */
export function listOf(steps: readonly RehearsedStep[]): string {
	const rows = steps.map((step) => [
		step.name,
		step.entry?.name ?? "this machine",
		KINDS[step.kind],
		accidentsOf(step).join(" "),
	]);
	const accidents = (Object.keys(ACCIDENTS) as AccidentName[]).map(
		(accident) => [accident, accidentOf({ accident }).summary],
	);
	const example = steps.find(({ kind }) => kind === "kick") ?? steps[0];
	return [
		...alignColumns([["STEP", "ON", "WHAT IT DOES", "ACCIDENTS"], ...rows]),
		"",
		...alignColumns(accidents),
		"",
		`For example: --break "${example?.name}:connection-cut"`,
	].join("\n");
}

const KINDS: Record<RehearsedStep["kind"], string> = {
	enforcement: "enforces the value",
	kick: "starts the cycle",
	check: "checks the post office",
	program: "runs the program",
	wait: "waits for mail",
	"t3-done": "records T3 as done",
};
