import { HOST_NAME } from "../model/host";
import type { ValidationIssue } from "./issues";

/** A cutover as far as it can be read: one bad field hides no other error. */
interface CutoverOutline {
	postOffices?: unknown;
	waits?: unknown;
}

/** The cutover's Exchange host, as far as it is known. */
interface ExchangeOutline {
	name?: unknown;
	role?: unknown;
	samba?: unknown;
}

/** The names of steps, which no post office may have: both become part of resource names. */
const STEP_NAMES = ["t1-delivered", "t2-delivered"];

/** Validates the rules within a cutover. Paths are relative to it. */
export function cutoverRuleIssues(
	{ postOffices, waits }: CutoverOutline,
	exchange: ExchangeOutline | undefined,
): ValidationIssue[] {
	const offices = named(postOffices);
	return [
		...checkRoles(offices, exchange?.role),
		...distinctNameIssues(
			offices.map(({ name, path }) => ({ name, path: [...path, "name"] })),
			[...STEP_NAMES, exchange?.name].filter(
				(name) => typeof name === "string",
			),
		),
		...checkWaits(waits, offices, exchange),
	];
}

interface Named {
	path: readonly PropertyKey[];
	name: string;
	role: unknown;
}

function named(postOffices: unknown): Named[] {
	if (!Array.isArray(postOffices)) return [];
	return postOffices.flatMap((office, index) =>
		typeof office?.name === "string"
			? { path: ["postOffices", index], name: office.name, role: office.role }
			: [],
	);
}

/**
 * If Exchange is a requestor, exactly one post office is the dirsync server. If Exchange is the server, none is
 * (Q118621).
 */
function checkRoles(
	offices: readonly Named[],
	role: unknown,
): ValidationIssue[] {
	const servers = offices.filter((office) => office.role === "server");
	if (role === "requestor" && servers.length !== 1 && offices.length > 0)
		return [
			{
				path: ["postOffices"],
				message: `must have exactly one post office of the role server, for Exchange is a requestor, got ${servers.length}`,
			},
		];
	if (role === "server")
		return servers.map(({ path }) => ({
			path: [...path, "role"],
			message:
				"must be requestor, for Exchange is the dirsync server and there is only one",
		}));
	return [];
}

/**
 * Validates names that become prefixes of other names, with a `-` between: none may be the beginning of another one.
 *
 * @param taken names that are already in use
 */
export function distinctNameIssues(
	names: readonly { path: readonly PropertyKey[]; name: string }[],
	reserved: readonly string[] = [],
): ValidationIssue[] {
	return names.flatMap(({ path, name }, index) => {
		if (!HOST_NAME.test(name)) return [];
		const others = [
			...reserved,
			...names.filter((_, other) => other !== index).map((one) => one.name),
		];
		const own = name.toLowerCase();
		const clash = others.find((other) => {
			const lower = other.toLowerCase();
			return own === lower || own.startsWith(`${lower}-`);
		});
		return clash === undefined
			? []
			: [
					{
						path,
						message: `must be unique, without regard to case, and not begin with another name and a "-", but there is "${clash}"`,
					},
				];
	});
}

function checkWaits(
	waits: unknown,
	offices: readonly Named[],
	exchange: ExchangeOutline | undefined,
): ValidationIssue[] {
	if (typeof waits !== "object" || waits === null) return [];
	return Object.entries(waits).flatMap(([key, wait]) => {
		const host = wait?.host;
		const path = ["waits", key, "host"];
		if (typeof host !== "string") return [];
		if (offices.some(({ name }) => name === host)) return [];
		if (host !== exchange?.name)
			return [
				{
					path,
					message:
						"must be the name of one of the cutover's post offices or of its Exchange host",
				},
			];
		return exchange.samba === undefined
			? []
			: [
					{
						path,
						message:
							"must be a post office: the Exchange host is reached by samba, and no command can be run over RPC",
					},
				];
	});
}

/**
 * Requires checkpoints. An interrupted cutover continues with the steps that the state does not contain. If an update
 * without checkpoints is killed, the state contains none of its steps, and the next update would begin with T1 again,
 * whatever had been sent.
 *
 * @throws Error if this update has no checkpoints
 */
export function assertCheckpointsEnabled(): void {
	// The values that the engine accepts as true.
	if (/^(1|true)$/i.test(process.env.PULUMI_SKIP_CHECKPOINTS ?? ""))
		throw new Error(
			"A cutover needs Pulumi's checkpoints: interrupted without them, it would begin at T1 again. Unset PULUMI_SKIP_CHECKPOINTS for this stack",
		);
}
