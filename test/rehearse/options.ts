import { parseArgs } from "node:util";
import {
	type Declared,
	type HostEntry,
	machinesOf,
	partOf,
} from "./stack-file.ts";

/** The machines that fit into two cores and 8 GB. */
export const MOST_MACHINES = 8;

export const USAGE = `Usage: npm run rehearse -- --stack <name> [--hosts <names>] [--real-time]
                           [--break "<step>:<accident>"]... [--play]
       npm run rehearse -- --stack <name> [--hosts <names>] --list
       npm run rehearse -- --resume

Runs the stack of stacks/Pulumi.<name>.yaml on lab hosts: a real preview and a real update. Your hosts are not reached, and
your credentials are not read.

  --stack <name>    the stack to rehearse
  --hosts <names>   only these hosts and post offices, separated by commas
  --real-time       do not shorten the waits

Practise failures:
  --list            print the steps and the accidents that can happen to each
  --break "<step>:<accident>"
                    let this step fail, and lead through the recovery. Several are practised one after the other
  --resume          in another terminal: continue, after you have done your part of the recovery
  --play            do your part too

  --help            print this text`;

/**
 * Reads the options.
 *
 * @throws Error if one is unknown, or if they do not fit
 */
export function readOptions(args: readonly string[]) {
	const values = parse(args);
	if (values.play && values.break.length === 0)
		throw new Error(
			'rehearse: --play needs --break, got none; add --break "<step>:<accident>"',
		);
	return values;
}

function parse(args: readonly string[]) {
	const flag = { type: "boolean", default: false } as const;
	const options = {
		stack: { type: "string", short: "s" },
		hosts: { type: "string" },
		"real-time": flag,
		break: { type: "string", multiple: true, default: [] as string[] },
		play: flag,
		list: flag,
		resume: flag,
		help: { ...flag, short: "h" },
	} as const;
	try {
		return parseArgs({ args: [...args], options }).values;
	} catch (error) {
		const [problem = ""] = (error as Error).message.split(". ");
		throw new Error(
			`rehearse: ${problem}; npm run rehearse -- --help prints the options`,
		);
	}
}

/**
 * Selects the part of a stack that is rehearsed.
 *
 * @param names the value of `--hosts`
 * @throws Error if a name is unknown, or if a cutover cannot run with that part
 */
export const selectPart = (declared: Declared, names?: string): Declared =>
	names === undefined
		? declared
		: partOf(
				declared,
				names.split(",").map((name) => name.trim()),
			);

/** @throws Error if a part has more machines than this one can be */
export function assertFits(part: Declared, stack: string): void {
	const count = machinesOf(part).length;
	if (count <= MOST_MACHINES) return;
	throw new Error(
		`rehearse: at most ${MOST_MACHINES} machines fit in one rehearsal, got ${count} in stack ${stack}; rehearse it in parts, for example the first: npm run rehearse -- --stack ${stack} --hosts ${firstPart(part).join(",")}`,
	);
}

/** The names of the first hosts that fit together, each with the post offices of its cutovers. */
function firstPart(declared: Declared): string[] {
	const fits = (names: readonly string[]) =>
		machinesOf(partOf(declared, names)).length <= MOST_MACHINES;
	let part: string[] = [];
	for (const host of declared.hosts) {
		const offices = officesOf(declared, host);
		const longer = [...part, host.name, ...offices];
		if (fits(longer)) part = longer;
		else if (part.length === 0) {
			part = [host.name];
			// One post office after the other. The dirsync server, without which a cutover cannot run, comes first.
			for (const office of offices)
				if (fits([...part, office])) part.push(office);
		}
	}
	return part;
}

/** The post offices of a host's cutovers, the dirsync servers first. */
const officesOf = ({ cutovers }: Declared, { name }: HostEntry): string[] =>
	cutovers
		.filter(({ exchange }) => exchange === name)
		.flatMap(({ postOffices }) => postOffices)
		.sort((a, b) => Number(b.role === "server") - Number(a.role === "server"))
		.map((office) => office.name);
