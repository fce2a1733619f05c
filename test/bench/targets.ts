import type { Results, Sample } from "./results.ts";
import { SIDES } from "./side.ts";
import { isOwnWay } from "./ways.ts";

/** A limit for this package: a ratio or a count. */
export interface Target {
	what: string;
	limit: number;
	got: number;
	/** The same ratio for processor time, on which a loaded machine has less effect. */
	cpu?: number;
}

/** Limits for a fleet of 1,000 on two cores: wall-clock seconds. */
const LARGE = {
	...{ hosts: 1000, "first up": 360, "unchanged up": 60 },
	check: 20,
} as const;

/** The limit for a check over Samba on two cores: wall-clock seconds. */
const SAMBA = { hosts: 100, check: 30 } as const;

/** The targets for the measured sizes. Ratios are for the largest measured size up to 100 hosts. */
export function targets(results: Results): Target[] {
	const sizes = results.values("hosts").filter((size) => size > 0);
	const size = Math.max(0, ...sizes.filter((each) => each <= 100));
	const { ours, oursOff, plain, plainOff, ansible } = SIDES;
	const ratio = (
		limit: number,
		step: Sample["step"],
		side: string,
		other: string,
		hosts = size,
	): Target => ({
		what: `${hosts || "no"} hosts, ${step}: ${side} / ${other}`,
		limit,
		got: results.ratio("wall", hosts, step, side, other),
		cpu: results.ratio("cpu", hosts, step, side, other),
	});
	const memory = (hosts: number, side: string) =>
		results.median("memory", hosts, "first up", side);
	/** The additional memory of each further host, from one size to the next. */
	const further = (side: string, from = 0, to = 0) =>
		(memory(to, side) - memory(from, side)) / (to - from);
	const large = (step: "first up" | "unchanged up" | "check") =>
		results
			.values("side")
			.filter(isOwnWay)
			.map((way) => ({
				what: `${LARGE.hosts} hosts, ${step}, ${way}: seconds`,
				limit: LARGE[step],
				got: results.median("wall", LARGE.hosts, step, way),
			}));
	// The cost of checkpoints grows with the square of the size.
	const checkpointLimit = size > 10 ? 2 : 1.05;
	return [
		ratio(1.15, "first up", oursOff, plainOff),
		ratio(checkpointLimit, "first up", ours, plain),
		ratio(checkpointLimit, "all triggers", ours, plain),
		ratio(1.05, "unchanged up", ours, plain),
		ratio(1.15, "unchanged up", oursOff, plainOff),
		ratio(1, "all triggers", ours, ansible),
		ratio(1, "all triggers", oursOff, ansible),
		ratio(1.1, "empty preview", ours, SIDES.empty, 0),
		...sizes.flatMap((hosts) => [
			{
				what: `${hosts} hosts, first up: most log-ins of a host`,
				limit: 2,
				got: results.median("most", hosts, "first up", ours),
			},
			{
				what: `${hosts} hosts, unchanged up: log-ins in all`,
				limit: 0,
				got: results.median("logins", hosts, "unchanged up", ours),
			},
			{
				what: `${hosts} hosts, one trigger: log-ins in all`,
				limit: 1,
				got: results.median("logins", hosts, "one trigger", ours),
			},
			{
				what: `${hosts} hosts, all triggers: most log-ins of a host`,
				limit: 1,
				got: results.median("most", hosts, "all triggers", ours),
			},
		]),
		...[ours, oursOff].flatMap((side) =>
			sizes.slice(2).map((hosts, index) => {
				const [before, middle] = sizes.slice(index);
				const first = further(side, before, middle);
				return {
					what: `first up, ${side}: peak memory of each host from ${middle} to ${hosts}, by that from ${before} to ${middle}`,
					limit: 1,
					// Between one host and a few, the difference may be within the spread of the measurement.
					got: first > 0 ? further(side, middle, hosts) / first : Number.NaN,
				};
			}),
		),
		...large("first up"),
		...large("unchanged up"),
		...large("check"),
		{
			what: `${SAMBA.hosts} hosts, check, ${SIDES.samba}: seconds`,
			limit: SAMBA.check,
			got: results.median("wall", SAMBA.hosts, "check", SIDES.samba),
		},
	].filter(({ got }) => !Number.isNaN(got));
}
