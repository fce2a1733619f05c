import {
	awaitsT3,
	type Plan,
	type Program,
	planSteps,
} from "../../src/model/cutover-plan.ts";
import {
	type CutoverEntry,
	type Declared,
	type HostEntry,
	machineOfEntry,
	type OfficeEntry,
} from "./stack-file.ts";
import { adaptWaits } from "./waits.ts";

/** What a step does: it enforces the value, kicks the service, checks a post office, ... */
export type StepKind =
	| "enforcement"
	| "kick"
	| "check"
	| "program"
	| "wait"
	| "t3-done";

/** One step of an update, which is one resource. */
export interface RehearsedStep {
	/** The name of its resource, as `pulumi up` prints it. */
	name: string;
	kind: StepKind;
	/** The host or post office that it runs on; undefined for a wait of a fixed time. */
	entry?: HostEntry | OfficeEntry;
	/** See `machineOfEntry`; undefined for a wait of a fixed time. */
	machine?: string;
	/** `local`: on the machine that runs Pulumi. */
	transport: "ssh" | "samba" | "local";
	/** The names of the steps that must have succeeded before it. */
	after: string[];
	/** Only with the kind `program`. The flag is that of its command line. */
	program?: { program: Program; flag?: "t" | "r" };
	/** The object of the configuration with its `onUncertain`: `cutovers[0]`. Only for steps that have that setting. */
	uncertainIn?: string;
	/** Whether a second kick needs `guards.t3BeforeT2: false`. */
	awaitsT3?: boolean;
}

/** Every step of an update of these hosts and cutovers, in the order of a possible update. */
export function stepsOf({ hosts, cutovers }: Declared): RehearsedStep[] {
	const steps: RehearsedStep[] = [];
	for (const [index, entry] of hosts.entries()) {
		const { name } = entry;
		steps.push({ name, kind: "enforcement", ...at(entry), after: [] });
		if (entry.cycle)
			steps.push({
				...{ name: `${name}-cycle`, kind: "kick", ...at(entry) },
				...{ after: [name], uncertainIn: `hosts[${index}].cycle` },
			});
	}
	for (const [index, cutover] of cutovers.entries()) {
		const exchange = hosts.find(
			({ name }) => name === cutover.exchange,
		) as HostEntry;
		const machines = [exchange, ...cutover.postOffices].map(machineOfEntry);
		const before = steps
			.filter(({ machine }) => machines.includes(machine ?? ""))
			.map(({ name }) => name);
		steps.push(
			...checksOf(cutover, before),
			...planned(cutover, exchange, `cutovers[${index}]`),
		);
	}
	return steps;
}

const at = (entry: HostEntry | OfficeEntry) => ({
	entry,
	machine: machineOfEntry(entry),
	transport: entry.samba ? ("samba" as const) : ("ssh" as const),
});

/** The checks of the post offices. Those on one machine run in sequence. */
function checksOf(
	{ name, postOffices }: CutoverEntry,
	before: readonly string[],
): RehearsedStep[] {
	const last = new Map<string, string>();
	return postOffices.map((office) => {
		const machine = machineOfEntry(office);
		const previous = last.get(machine);
		const check = `${name}-${office.name}`;
		last.set(machine, check);
		return {
			...{ name: check, kind: "check", ...at(office) },
			after: [...before, ...(previous ? [previous] : [])],
		};
	});
}

/** The steps of `planSteps`, as resources of this cutover. */
function planned(
	cutover: CutoverEntry,
	exchange: HostEntry,
	uncertainIn: string,
): RehearsedStep[] {
	const { name, postOffices } = cutover;
	const plan: Plan = {
		exchange,
		postOffices: postOffices.map((office) => ({
			...office,
			machine: machineOfEntry(office),
		})),
		applyOnPostOffices: cutover.applyOnPostOffices !== false,
	};
	const { waits } = adaptWaits(cutover, false);
	const checks = postOffices.map((office) => `${name}-${office.name}`);
	const entryOf = (wanted: string) =>
		[exchange, ...postOffices].find(
			(entry) => entry.name === wanted,
		) as OfficeEntry;
	return planSteps(plan).map((step) => {
		const own = {
			name: `${name}-${step.name}`,
			kind: step.kind,
			after:
				step.after.length === 0
					? checks
					: step.after.map((each) => `${name}-${each}`),
		};
		if (step.kind === "wait") {
			const { host } = waits[step.wait];
			return host === undefined
				? { ...own, transport: "local" }
				: { ...own, ...at(entryOf(host)) };
		}
		if (step.kind === "program") {
			const { program, flag, postOffice } = step;
			return {
				...{ ...own, ...at(entryOf(postOffice)) },
				program: { program, ...(flag && { flag }) },
				...(flag === "t" && { uncertainIn }),
			};
		}
		return {
			...{ ...own, ...at(exchange) },
			...(step.kind === "kick" && { uncertainIn, awaitsT3: awaitsT3(plan) }),
		};
	});
}

/** Whether `earlier` must have succeeded before `step` begins. */
export function isBefore(
	steps: readonly RehearsedStep[],
	earlier: RehearsedStep,
	step: RehearsedStep,
): boolean {
	const known = new Set<string>();
	const visit = ({ after }: RehearsedStep) => {
		for (const each of steps)
			if (after.includes(each.name) && !known.has(each.name)) {
				known.add(each.name);
				visit(each);
			}
	};
	visit(step);
	return known.has(earlier.name);
}
