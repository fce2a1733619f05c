import type { Waits } from "./cutover-args";

/** The MS Mail programs, by their file names. */
export type Program = "reqmain" | "srvmain" | "import" | "rebuild";

/** One step of a cutover: a program on a post office, the kick, or a wait. */
export type Step = { after: string[] } & (
	| {
			kind: "program";
			/** Unique within the cutover: it is part of the resource name. */
			name: string;
			postOffice: string;
			program: Program;
			/** `t`: the program sends. `r`: it receives. */
			flag?: "t" | "r";
	  }
	| { kind: "kick"; name: string }
	/** Records that T3 has been run on every post office, so that a dirsync server may run its next T2. */
	| { kind: "t3-done"; name: string }
	| { kind: "wait"; name: string; wait: keyof Waits }
);

/**
 * Identifies the participants of a cutover. Other participants or roles make it another cutover, which begins at the
 * first step. The order of the post offices does not matter.
 */
export const participantKeys = (
	exchange: Plan["exchange"],
	postOffices: readonly Plan["exchange"][],
): string[] => [
	participantKey(exchange),
	...postOffices.map((office) => participantKey(office)).sort(),
];

const participantKey = ({ name, role }: Plan["exchange"]) => `${name} ${role}`;

/**
 * Whether this kick is a T2 whose T3 this cutover runs. If T3 runs elsewhere (`applyOnPostOffices: false`), nothing
 * here could record it as done, so no T2 is recorded as open.
 */
export const awaitsT3 = ({
	exchange,
	applyOnPostOffices,
}: Pick<Plan, "exchange" | "applyOnPostOffices">): boolean =>
	exchange.role === "server" && applyOnPostOffices;

/** The inputs that determine the steps. */
export interface Plan {
	exchange: { name: string; role: string };
	postOffices: readonly {
		name: string;
		role: string;
		/** The machine that it is on. Steps on the same machine run in sequence. */
		machine: string;
	}[];
	applyOnPostOffices: boolean;
}

/**
 * Plans the manual directory synchronization, for Exchange as requestor (Q148309) or as dirsync server (Q147464). Each
 * step lists the steps that must have succeeded before it. Post offices run in parallel. The steps of one post office,
 * and those on one machine, run in sequence.
 */
export function planSteps(plan: Plan): Step[] {
	const { exchange, postOffices, applyOnPostOffices } = plan;
	const steps: Step[] = [];
	/** The names of the steps that the next step waits for. */
	let barrier: string[] = [];
	const next = (step: Step) => {
		steps.push(step);
		barrier = [step.name];
	};
	const wait = (name: keyof Waits) =>
		next({
			kind: "wait",
			name: name === "t1Delivered" ? "t1-delivered" : "t2-delivered",
			wait: name,
			after: barrier,
		});
	const kick = () =>
		next({ kind: "kick", name: `${exchange.name}-kick`, after: barrier });
	/** Runs the same programs on each of these post offices. */
	const onEach = (
		offices: Plan["postOffices"],
		programs: readonly [Program, ("t" | "r")?][],
	) => {
		const ends = new Map<string, string>();
		const last = offices.map(({ name: postOffice, machine }) => {
			let before = ends.get(machine);
			for (const [program, flag] of programs) {
				const name = [postOffice, program, flag].filter(Boolean).join("-");
				const after = before === undefined ? barrier : [before];
				steps.push({ kind: "program", name, postOffice, program, flag, after });
				before = name;
			}
			ends.set(machine, before as string);
			return before as string;
		});
		barrier = last;
	};

	onEach(postOffices, [["reqmain", "t"]]);
	if (exchange.role === "requestor") {
		kick();
		wait("t1Delivered");
		// Without `srvmain -r` first, `srvmain -t` would answer requests that it has not read (Q127752).
		onEach(
			postOffices.filter(({ role }) => role === "server"),
			[
				["srvmain", "r"],
				["srvmain", "t"],
			],
		);
	} else {
		wait("t1Delivered");
		kick();
	}
	wait("t2Delivered");
	// Exchange applies T3 by itself if it is a requestor (Q149451).
	if (applyOnPostOffices)
		onEach(postOffices, [["reqmain", "r"], ["import"], ["rebuild"]]);
	if (awaitsT3(plan))
		next({
			kind: "t3-done",
			name: `${exchange.name}-t3-done`,
			after: barrier,
		});
	return steps;
}
