import { HOST_CYCLE } from "../../protocol/host-record";
import type { RegistryValue } from "../../protocol/registry-value";
import type { Host } from "../hosts";
import { type InspectError, inspectHosts } from "../inspect-host";
import type { DeclaredStack } from "../stack";
import { type CutoverPlan, cutoverPlans } from "./cutovers";
import {
	HostPredictor,
	ownKick,
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

const HOST_TYPE = "exchange-dirsync:index:PauseKicksDX";

/**
 * Predicts what the next `pulumi up` will do: inspects every host and combines the result with the preview.
 *
 * @param onProgress is called with the number of hosts inspected so far
 */
export async function planUp(
	{ id, hosts, removed }: DeclaredStack,
	preview: readonly PreviewStep[],
	onProgress: (done: number) => void,
): Promise<Plan> {
	const cutovers = cutoverPlans(preview);
	const all = [...hosts, ...removed];
	const plan = await predict(id, "up", all, onProgress, (host, predictor) => {
		const operation = hostOperation(preview, host);
		const heir = takenOverBy(host, hosts, preview);
		if (operation === "delete" && heir)
			predictor.note(`${heir.name} takes over the host and its record`);
		else predictor.enforce(operation);
		const cycle = operationOf(preview, host.name, `${host.name}-cycle`);
		if (cycle === "create" || cycle === "replace")
			predictor.kick(ownKick(host, cycle));
		for (const kick of kicksOf(cutovers, host)) predictor.kick(kick);
		return operation;
	});
	const unknown = unknownHosts(preview, all);
	const result = overallResult([...plan.hosts, ...unknown], cutovers);
	return { ...plan, result, hosts: [...plan.hosts, ...unknown], cutovers };
}

/** Predicts what `pulumi destroy` will do. */
export const planDestroy = (
	{ id, hosts }: DeclaredStack,
	onProgress: (done: number) => void,
): Promise<Plan> =>
	predict(id, "destroy", hosts, onProgress, (_, predictor) => {
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
		result: overallResult(planned, []),
		hosts: planned,
		cutovers: [],
	};
}

function overallResult(
	hosts: readonly HostPlan[],
	cutovers: readonly CutoverPlan[],
): Plan["result"] {
	if (hosts.some(({ inspected }) => !inspected)) return "not-inspected";
	if (hosts.some((host) => host.inspected && host.refused.length > 0))
		return "refused";
	const changes =
		hosts.some((host) => host.inspected && isChanged(host)) ||
		cutovers.some(({ steps }) => steps.length > 0);
	return changes ? "changes" : "nothing";
}

const isChanged = ({ enforcement, cycles }: HostPlanned): boolean =>
	enforcement !== "same" || cycles.length > 0;

const hostOperation = (
	preview: readonly PreviewStep[],
	{ name }: Host,
): Operation => operationOf(preview, name, name);

/**
 * A resource that the preview does not list does not change. If the transport changes, one resource is created and
 * another one of the same name is deleted: the first one counts.
 */
function operationOf(
	preview: readonly PreviewStep[],
	component: string,
	child: string,
): Operation {
	const operations = preview
		.filter(
			({ name, parent }) =>
				name === child && parent.endsWith(`${HOST_TYPE}::${component}`),
		)
		.map(({ operation }) => operation);
	return (
		operations.find((operation) => operation !== "delete") ??
		operations[0] ??
		"same"
	);
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
			endpoint(other) === endpoint(host) &&
			hostOperation(preview, other) === "create",
	);

function endpoint({ transport }: Host): string {
	if ("ssh" in transport) return `${transport.ssh.host}:${transport.ssh.port}`;
	const [, , address, port] = transport.login.split("\n");
	return `${address}:${port}`;
}

/** Hosts of a program whose first update is still to come: only the program knows their addresses and credentials. */
const unknownHosts = (
	preview: readonly PreviewStep[],
	known: readonly Host[],
): HostNotInspected[] =>
	preview
		.filter(
			({ type, name, operation }) =>
				type === HOST_TYPE &&
				operation === "create" &&
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
