import { parseArgs } from "node:util";
import { type Declared, machinesOf, partOf } from "./stack-file.ts";

/** The machines of one rehearsal, so that it fits into two cores and 8 GB. Eight used 1.2 GB and both cores. */
const MOST_MACHINES = 8;

export const USAGE = `Usage: npm run rehearse -- --stack <name> [--hosts <names>] [--real-time]
                           [--break "<step>:<accident>"]... [--play]
       npm run rehearse -- --stack <name> [--hosts <names>] --list
       npm run rehearse -- --resume

Runs the stack of stacks/Pulumi.<name>.yaml on lab hosts: a real preview and a real update. Your hosts are not reached, and
your credentials are not read.

  --stack <name>    the stack to rehearse
  --hosts <names>   only these hosts and post offices, separated by commas. More than ${MOST_MACHINES} machines are rehearsed in parts,
                    one after the other
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
 * @throws Error if one is unknown or missing, or if they do not fit
 */
export function readOptions(args: readonly string[]) {
	const { stack, help, ...values } = parse(args);
	const given = args.filter((arg) => arg.startsWith("-"));
	const others = given.filter((arg) => !/^(-s|--stack|--hosts)(=|$)/.test(arg));
	if (values.resume && given.length > 1)
		throw new Error(
			`rehearse: --resume takes no other option, got ${given.join(" ")}; the rehearsal that waits has its own`,
		);
	if (values.list && others.length > 1)
		throw new Error(
			`rehearse: --list takes only --stack and --hosts, got ${others.join(" ")}; it starts nothing`,
		);
	if (values.play && values.break.length === 0)
		throw new Error(
			'rehearse: --play needs --break, got none; add --break "<step>:<accident>"',
		);
	if (!stack && !values.resume && !help)
		throw new Error(
			`rehearse: --stack is missing, got none; write npm run rehearse -- --stack <name>, with the -- before the options. ${HELP}`,
		);
	return { ...values, help, stack: stack ?? "" };
}

const HELP = "npm run rehearse -- --help prints the options";

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
		const [problem = ""] = (error as Error).message.split(/\.\s/);
		throw new Error(
			`rehearse: ${problem}; write the options after --, as in npm run rehearse -- --stack <name>. ${HELP}`,
		);
	}
}

/**
 * Selects the part of a stack that is rehearsed.
 *
 * @param value of `--hosts`
 * @throws Error if it names nothing or something unknown, or if a cutover cannot run with that part
 */
export function selectPart(declared: Declared, value?: string): Declared {
	if (value === undefined) return declared;
	const names = value
		.split(",")
		.map((name) => name.trim())
		.filter(Boolean);
	if (names.length === 0)
		throw new Error(
			`rehearse: --hosts names nothing, got ${JSON.stringify(value)}; leave it out, or name hosts and post offices`,
		);
	return partOf(declared, names);
}

/** A group of hosts that share post offices, with all post offices of their cutovers. */
interface Unit {
	hosts: string[];
	offices: string[];
}

/** Splits a stack into parts that fit on this machine: each host with the post offices of its cutovers. */
export function splitIntoParts(declared: Declared): Declared[] {
	const fits = (names: readonly string[]) =>
		machinesOf(partOf(declared, names)).length <= MOST_MACHINES;
	const parts: string[][] = [];
	let open: string[] = [];
	for (const piece of unitsOf(declared).flatMap((unit) =>
		piecesOf(declared, unit, fits),
	))
		if (open.length === 0 || fits([...open, ...piece]))
			open = [...open, ...piece];
		else {
			parts.push(open);
			open = piece;
		}
	if (open.length > 0) parts.push(open);
	return parts.length <= 1
		? [declared]
		: parts.map((names) => partOf(declared, names));
}

function unitsOf({ hosts, cutovers }: Declared): Unit[] {
	let units: Unit[] = [];
	for (const { name } of hosts) {
		const offices = cutovers
			.filter(({ exchange }) => exchange === name)
			.flatMap(({ postOffices }) => postOffices.map((office) => office.name));
		const shares = (unit: Unit) =>
			unit.offices.some((office) => offices.includes(office));
		const joined = units.filter(shares);
		units = [
			...units.filter((unit) => !joined.includes(unit)),
			{
				hosts: [...joined.flatMap((unit) => unit.hosts), name],
				offices: [
					...new Set([...joined.flatMap((unit) => unit.offices), ...offices]),
				],
			},
		];
	}
	return units;
}

/**
 * The names of a unit. If it is too large, its post offices are distributed: those without which a cutover cannot run, the
 * dirsync servers, are in each piece.
 */
function piecesOf(
	{ cutovers }: Declared,
	{ hosts, offices }: Unit,
	fits: (names: readonly string[]) => boolean,
): string[][] {
	if (fits([...hosts, ...offices])) return [[...hosts, ...offices]];
	const isServer = (office: string) =>
		cutovers.some(({ postOffices }) =>
			postOffices.some(
				({ name, role }) => name === office && role === "server",
			),
		);
	const base = [...hosts, ...offices.filter(isServer)];
	const pieces: string[][] = [];
	let piece = base;
	for (const office of offices.filter((name) => !isServer(name))) {
		if (piece.length > base.length && !fits([...piece, office])) {
			pieces.push(piece);
			piece = base;
		}
		piece = [...piece, office];
	}
	return [...pieces, piece];
}
