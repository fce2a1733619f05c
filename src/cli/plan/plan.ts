import { HOST_TYPE } from "../../model/component-types";
import { normalizeHostName } from "../../model/host";
import { HOST_CYCLE } from "../../protocol/host-record";
import type { RegistryValue } from "../../protocol/registry-value";
import type { Host } from "../hosts";
import { type InspectError, inspectHosts } from "../inspect-host";
import type { DeclaredStack } from "../stack";
import { type CutoverPlan, cutoverPlans } from "./cutovers";
import { ownKick } from "./kicks";
import {
	HostPredictor,
	type PlannedKick,
	type PredictedCycle,
	type Refusal,
} from "./predict";
import type { Operation, PreviewStep } from "./preview";

/** What `plan --json` prints. Later versions may add keys. The present keys keep their meaning. */
export interface Plan {
	/** `organization/project/stack` */
	stack: string;
	/** The command that the plan is for. */
	for: "up" | "destroy";
	/**
	 * `not-inspected` if any host could not be inspected, else `refused` if the update will fail on any host, else
	 * `changes` if it does anything on a host, else `nothing`.
	 */
	result: "nothing" | "changes" | "refused" | "not-inspected";
	/** In the order of the configuration or of the state. */
	hosts: HostPlan[];
	cutovers: CutoverPlan[];
}

export type HostPlan = HostPlanned | HostNotInspected;

export interface HostPlanned {
	name: string;
	inspected: true;
	/** What happens to the enforcement resource. `same`: the update does not connect to the host for it. */
	enforcement: Operation;
	/** The data of PauseKicksDX now, and after the update; null if it is absent. */
	value: { now: RegistryValue | null; after: RegistryValue | null };
	/** Why the service will be restarted; null if it will not. */
	restart: string | null;
	/** The cycles that will be started on this host, those of cutovers included. */
	cycles: PredictedCycle[];
	/** Why the update will fail on this host; empty if nothing is known. */
	refused: Refusal[];
	notes: string[];
}

export interface HostNotInspected {
	name: string;
	inspected: false;
	error: InspectError | { code: "not-in-state"; text: string };
}

/**
 * Predicts what the next `pulumi up` will do: inspects every host and combines the result with the preview.
 *
 * @param onProgress is called with the number of hosts inspected so far
 */
export async function planUp(
	{
		id,
		hosts,
		inState,
		readState,
		source,
		verify,
		cutoverKicks,
	}: DeclaredStack,
	preview: readonly PreviewStep[],
	onProgress: (done: number) => void,
): Promise<Plan> {
	const cutovers = cutoverPlans(preview, cutoverKicks);
	const isRemoved = (name: string) => !hosts.some((host) => host.name === name);
	const removed = inState.some(isRemoved)
		? (await readState()).filter(({ name }) => isRemoved(name))
		: [];
	const all = [...hosts, ...removed];
	const plan = await predict(id, "up", all, onProgress, (host, predictor) => {
		const operation = hostOperation(preview, host);
		const heir = takenOverBy(host, hosts, preview);
		if (operation === "delete" && heir)
			predictor.note(`${heir.name} takes over the host and its record`);
		else predictor.enforce(operation);
		const cycle = stepOf(preview, host.name, `${host.name}-cycle`);
		if (cycle?.operation === "create" || cycle?.operation === "replace")
			predictor.kick(ownKick(host, cycle, source));
		for (const kick of kicksOf(cutovers, host)) predictor.kick(kick);
		if (operation === "same") predictor.noteDrift(verify);
		return operation;
	});
	const unknown = unknownHosts(preview, all);
	const planned = [...plan.hosts, ...unknown];
	const result = overallResult(planned, preview.some(runsCommand));
	return { ...plan, result, hosts: planned, cutovers };
}

/** Predicts what `pulumi destroy` will do. */
export const planDestroy = async (
	{ id, readState }: Pick<DeclaredStack, "id" | "readState">,
	onProgress: (done: number) => void,
): Promise<Plan> =>
	predict(id, "destroy", await readState(), onProgress, (_, predictor) => {
		predictor.enforce("delete");
		return "delete";
	});

async function predict(
	stack: string,
	command: Plan["for"],
	hosts: readonly Host[],
	onProgress: (done: number) => void,
	steps: (host: Host, predictor: HostPredictor) => Operation,
): Promise<Plan> {
	const results = await inspectHosts(hosts, onProgress);
	const planned = results.map((result, index): HostPlan => {
		const host = hosts[index] as Host;
		const { name } = host;
		if ("error" in result) return { name, inspected: false, ...result };
		const predictor = new HostPredictor(host, stack, result.inspection);
		const enforcement = steps(host, predictor);
		return { name, inspected: true, enforcement, ...predictor.result() };
	});
	return {
		stack,
		for: command,
		result: overallResult(planned, false),
		hosts: planned,
		cutovers: [],
	};
}

function overallResult(
	hosts: readonly HostPlan[],
	runsCommands: boolean,
): Plan["result"] {
	if (hosts.some(({ inspected }) => !inspected)) return "not-inspected";
	if (hosts.some((host) => host.inspected && host.refused.length > 0))
		return "refused";
	const changes =
		runsCommands ||
		hosts.some((host) => host.inspected && host.enforcement !== "same");
	return changes ? "changes" : "nothing";
}

/** Whether a step belongs to a component of this package and runs a command, for example on a post office. */
const runsCommand = ({ type, parent, operation }: PreviewStep): boolean =>
	operation !== "same" &&
	type.startsWith("command:") &&
	parent.includes("exchange-dirsync:index:");

const hostOperation = (
	preview: readonly PreviewStep[],
	{ name }: Host,
): Operation => operationOf(preview, name, name);

const operationOf = (
	preview: readonly PreviewStep[],
	component: string,
	child: string,
): Operation => stepOf(preview, component, child)?.operation ?? "same";

/**
 * Finds the step of a child of a host. If the transport changes, one resource is created and another one of the same name
 * is deleted: the first one counts.
 */
function stepOf(
	preview: readonly PreviewStep[],
	component: string,
	child: string,
): PreviewStep | undefined {
	const steps = preview.filter(
		({ name, parent }) =>
			name === child && parent.endsWith(`${HOST_TYPE}::${component}`),
	);
	return steps.find(({ operation }) => operation !== "delete") ?? steps[0];
}

/** A host with a new name on the same machine becomes the owner before the resources of the old name are deleted. */
const takenOverBy = (
	host: Host,
	hosts: readonly Host[],
	preview: readonly PreviewStep[],
): Host | undefined =>
	hosts.find(
		(other) =>
			other !== host &&
			isSameMachine(other, host) &&
			hostOperation(preview, other) === "create",
	);

/** The port does not count if the transports differ. */
const isSameMachine = (one: Host, other: Host): boolean => {
	const [a, b] = [addressOf(one), addressOf(other)];
	return a.host === b.host && (one.kind !== other.kind || a.port === b.port);
};

function addressOf({ transport }: Host) {
	const [, , address = "", port] =
		"ssh" in transport ? [] : transport.login.split("\n");
	return "ssh" in transport
		? {
				host: normalizeHostName(transport.ssh.host),
				port: `${transport.ssh.port}`,
			}
		: { host: normalizeHostName(address), port };
}

/** Hosts of a program that no update has reached yet: only the program knows their addresses and credentials. */
const unknownHosts = (
	preview: readonly PreviewStep[],
	known: readonly Host[],
): HostNotInspected[] =>
	preview
		.filter(
			({ name, parent, operation }) =>
				operation === "create" &&
				parent.endsWith(`${HOST_TYPE}::${name}`) &&
				!known.some((host) => host.name === name),
		)
		.map(({ name }) => ({
			name,
			inspected: false,
			error: {
				code: "not-in-state",
				text: `${name} is new in this program, and the state has no credentials for it yet: it can be inspected after its first update [not-in-state]`,
			},
		}));

const kicksOf = (cutovers: readonly CutoverPlan[], host: Host): PlannedKick[] =>
	cutovers.flatMap(({ kick }) =>
		kick?.host === host.name && kick.cycle !== HOST_CYCLE ? [kick] : [],
	);
