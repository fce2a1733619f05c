import type { Cost } from "./measure.ts";
import type { StepName } from "./side.ts";

/** The cost of one step of one side in one run, and what its hosts counted. */
export interface Sample extends Cost {
	side: string;
	hosts: number;
	step: StepName | "empty preview";
	/** For all hosts of the fleet. */
	logins: number;
	commands: number;
	/** Log-ins at the host that had most. */
	most: number;
	/** The processor time of the hosts, in seconds. */
	servers: number;
	/** The bytes of the state after the step. NaN if the side keeps none. */
	state: number;
}

export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	return Number.isInteger(middle)
		? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
		: (sorted[Math.floor(middle)] ?? 0);
}

export class Results {
	readonly samples: Sample[] = [];

	of(hosts: number, step: Sample["step"], side: string): Sample[] {
		return this.samples.filter(
			(each) =>
				each.hosts === hosts && each.step === step && each.side === side,
		);
	}

	/** NaN if nothing was measured. */
	median(
		what: keyof Cost | "logins" | "commands" | "most" | "servers" | "state",
		...of: Parameters<Results["of"]>
	): number {
		const samples = this.of(...of);
		return samples.length === 0
			? Number.NaN
			: median(samples.map((each) => each[what]));
	}

	/** One side's cost divided by another's for each run, then the median: a slow machine affects both sides. */
	ratio(
		what: keyof Cost,
		hosts: number,
		step: Sample["step"],
		side: string,
		other: string,
	): number {
		const others = this.of(hosts, step, other);
		const ratios = this.of(hosts, step, side).flatMap((each, run) => {
			const beside = others[run]?.[what];
			return beside === undefined ? [] : [each[what] / beside];
		});
		return ratios.length === 0 ? Number.NaN : median(ratios);
	}

	/** In the order in which they were first measured. */
	values<K extends "side" | "hosts" | "step">(key: K): Sample[K][] {
		return [...new Set(this.samples.map((each) => each[key]))];
	}
}
