import type { Waits } from "./cutover-args";

/** The programs of MS Mail, as they are called. */
export type Program = "reqmain" | "srvmain" | "import" | "rebuild";

/** One step of a cutover: a program on a post office, the kick, or a wait. */
export type Step = { after: string[] } & (
	| {
			kind: "program";
			/** Unique within the cutover: resources are named after it. */
			name: string;
			postOffice: string;
			program: Program;
			/** `t`: it sends, `r`: it receives. */
			flag?: "t" | "r";
	  }
	| { kind: "kick"; name: string }
	/** Notes that T3 has been run everywhere: a dirsync server may run its next T2. */
	| { kind: "t3-done"; name: string }
	| { kind: "wait"; name: string; wait: keyof Waits }
);

/**
 * Who takes part in a cutover: others, or with other roles, are another one, from the first step on. In what order the
 * post offices are listed is nobody's business.
 */
export const participantKeys = (
	exchange: Plan["exchange"],
	postOffices: readonly Plan["exchange"][],
): string[] => [
	participantKey(exchange),
	...postOffices.map((office) => participantKey(office)).sort(),
];

const participantKey = ({ name, role }: Plan["exchange"]) => `${name} ${role}`;

/** Whether a kick is a T2 that waits for its T3; where that is somebody else's affair, nobody would say that it is done. */
export const awaitsT3 = ({
	exchange,
	applyOnPostOffices,
}: Pick<Plan, "exchange" | "applyOnPostOffices">): boolean =>
	exchange.role === "server" && applyOnPostOffices;

/** What decides which steps there are. */
export interface Plan {
	exchange: { name: string; role: string };
	postOffices: readonly {
		name: string;
		role: string;
		/** The machine it is on: steps on the same one follow each other. */
		machine: string;
	}[];
	applyOnPostOffices: boolean;
}

/**
 * The manual directory synchronization, each step with those that must have ended well before it: Exchange as requestor
 * (Q148309) or as dirsync server (Q147464). Post offices go side by side, the steps of one and those on one machine in
 * order.
 */
export function planSteps(plan: Plan): Step[] {
	const { exchange, postOffices, applyOnPostOffices } = plan;
	const steps: Step[] = [];
	/** What the next step waits for. */
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
	/** The same programs on each of these post offices. */
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
		// Without the first the second would answer requests that it has not read (Q127752).
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
	// Exchange as a requestor applies T3 by itself (Q149451).
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
