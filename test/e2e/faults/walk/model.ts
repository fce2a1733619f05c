import type { AnyOptions } from "../../fixture.ts";

/** The model of a walk: plain data, and the effect of each run of the Pulumi CLI. */

/** The required PauseKicksDX, as the right-hand side of a .reg line. */
export const ONE = "dword:00000001";

/**
 * Whether the host's receipt remains after a rename of the stack and after a replacement of the enforcement. If it does
 * not, a replaced trigger or a renamed host may then send a kick, so no walk does that.
 */
const RECEIPT_OUTLIVES = { stackRename: true, replacement: false };

/** The state of a host before the walk. */
export interface Setting {
	kind: AnyOptions;
	role: "requestor" | "server";
	/** The original PauseKicksDX. Undefined if it is absent. */
	original: string | undefined;
}

export interface HostModel {
	/** The index in the model, because names change. */
	id: number;
	/** The present name in the stack file. */
	name: string;
	/** Whether the stack file lists it. */
	declared: boolean;
	/** Whether the stack file has its second address. */
	moved: boolean;
	/** The triggers in the stack file, one letter. Undefined if no cycle is declared. */
	wish: string | undefined;
	/** The triggers of the trigger resource in the stack's state. Undefined if there is no such resource. */
	settled: string | undefined;
	/** The triggers of the last cycle for which the host certainly has a receipt. */
	receipt: string | undefined;
	/** Whether the stack's state contains its enforcement. */
	enforced: boolean;
	/** Whether the state also contains an enforcement with an earlier name. */
	orphaned: boolean;
	/** Whether the next update must inspect it. */
	due: boolean;
	original: string | undefined;
	/** The present PauseKicksDX. */
	value: string | undefined;
	/** Whether the service runs, and accepts a pause as a kick. It reads the value only when it starts. */
	service: "stopped" | "ignorant" | "knows";
	/** The numbers of cycles and of starts of the service since the host was created. */
	kicks: number;
	starts: number;
}

export interface Model {
	/** The number of commands that the walk still runs. */
	left: number;
	stack: string;
	verify: number;
	hosts: HostModel[];
}

/** A login of a run, with its outcome code if the run fails there. */
export interface Visit {
	host: HostModel;
	code?: "not-running" | "value-missing";
}

/** One resource of one host. */
export interface Target {
	host: HostModel;
	part: "enforcement" | "trigger";
}

export function newModel(settings: Setting[], commands: number): Model {
	return {
		left: commands,
		stack: "lab",
		verify: 0,
		hosts: settings.map(({ original }, id) => ({
			id,
			name: `EXCH${id}`,
			declared: id === 0,
			moved: false,
			wish: "a",
			settled: undefined,
			receipt: undefined,
			enforced: false,
			orphaned: false,
			due: true,
			original,
			value: original,
			service: original === ONE ? "knows" : "ignorant",
			kicks: 0,
			starts: 1,
		})),
	};
}

/** `pulumi up`, of all resources or of one. @returns all its logins */
export function up(model: Model, target?: Target): Visit[] {
	const visits: Visit[] = [];
	for (const host of model.hosts) {
		const wants = (part: Target["part"]) =>
			!target || (target.host === host && target.part === part);
		if (!host.declared) {
			if (host.enforced && !target) visits.push(...restore(host));
			continue;
		}
		if (wants("enforcement") && host.due) visits.push(look(host));
		if (wants("trigger") && host.wish !== host.settled)
			visits.push(...trigger(host));
		// The enforcement with the earlier name no longer owns the host, so its delete changes nothing.
		if (host.orphaned && !target) visits.push({ host });
		if (!target) host.orphaned = false;
	}
	return visits;
}

/** Whether an update would succeed after the change of the model. */
export function succeeds(
	model: Model,
	change: (model: Model) => void = () => {},
): boolean {
	const changed = structuredClone(model);
	change(changed);
	return up(changed).every(({ code }) => !code);
}

export function destroy(model: Model): Visit[] {
	return model.hosts.filter(({ enforced }) => enforced).flatMap(restore);
}

/** `pulumi up --replace` of an enforcement: restores the original value, then sets the value again. */
export function replaceEnforcement(host: HostModel): Visit[] {
	const { receipt } = host;
	host.value = host.original;
	const visits = [{ host }, look(host)];
	host.receipt = RECEIPT_OUTLIVES.replacement ? receipt : undefined;
	return visits;
}

/** `pulumi stack rename`: the next update inspects every host, because the owner contains the name of the stack. */
export function renameStack(model: Model, name: string): void {
	model.stack = name;
	for (const host of model.hosts) {
		host.due = true;
		if (!RECEIPT_OUTLIVES.stackRename) host.receipt = undefined;
	}
}

/** Renames a host, which gives it other resources. */
export function renameHost(host: HostModel, name: string): void {
	host.name = name;
	host.orphaned = host.enforced;
	host.due = true;
	host.settled = undefined;
}

export function startService(host: HostModel): void {
	host.service = host.value === ONE ? "knows" : "ignorant";
	host.starts += 1;
}

function look(host: HostModel): Visit {
	host.enforced = true;
	host.due = false;
	if (host.value !== ONE) {
		host.value = ONE;
		if (host.service !== "stopped") startService(host);
	}
	if (host.wish === undefined) host.receipt = undefined;
	return { host };
}

/** Deletes or creates the trigger resource. Creation sends a kick, unless the host has a receipt for its triggers. */
function trigger(host: HostModel): Visit[] {
	if (host.wish !== undefined && host.wish !== host.receipt) {
		if (host.service === "stopped") return [{ host, code: "not-running" }];
		if (host.service === "ignorant") {
			if (host.value !== ONE) return [{ host, code: "value-missing" }];
			startService(host);
		}
		host.kicks += 1;
		host.receipt = host.wish;
	}
	host.settled = host.wish;
	// Deleting the resource needs no login.
	return host.wish === undefined ? [] : [{ host }];
}

function restore(host: HostModel): Visit[] {
	host.enforced = false;
	host.due = true;
	host.settled = undefined;
	host.receipt = undefined;
	host.value = host.original;
	return [{ host }];
}
