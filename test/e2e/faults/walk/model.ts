import type { AnyOptions } from "../../fixture.ts";

/** What a walk believes: plain data, and what the README promises of each run of the Pulumi CLI on it. */

/** PauseKicksDX as it shall be, as the right-hand side of a .reg line. */
export const ONE = "dword:00000001";

/**
 * Whether the host's receipt outlives a renamed stack and a replaced enforcement. Where it does not, a replaced trigger
 * or a renamed host behind them may kick, so no walk goes there.
 */
const RECEIPT_OUTLIVES = { stackRename: true, replacement: false };

/** What a host is like before the walk. */
export interface Setting {
	kind: AnyOptions;
	role: "requestor" | "server";
	/** PauseKicksDX as it was found; undefined: absent. */
	original: string | undefined;
}

export interface HostModel {
	/** Its place in the model; names change. */
	id: number;
	/** As the stack file calls it now. */
	name: string;
	/** Whether the stack file lists it. */
	declared: boolean;
	/** Whether it goes by its second address. */
	moved: boolean;
	/** The triggers in the stack file, one letter; undefined: no cycle is declared. */
	wish: string | undefined;
	/** The triggers of the trigger resource in the stack's state; undefined: there is none. */
	settled: string | undefined;
	/** The triggers of the last cycle that the host is sure to remember. */
	receipt: string | undefined;
	/** Whether the stack's state has its enforcement. */
	enforced: boolean;
	/** Whether the state has one under an earlier name as well. */
	orphaned: boolean;
	/** Whether the next update has a reason to look at it. */
	due: boolean;
	original: string | undefined;
	/** PauseKicksDX as it is. */
	value: string | undefined;
	/** A service learns at its start alone that a pause is a kick. */
	service: "stopped" | "ignorant" | "knows";
	/** Cycles and starts of the service since the host was made. */
	kicks: number;
	starts: number;
}

export interface Model {
	/** Commands that the walk still takes. */
	left: number;
	stack: string;
	verify: number;
	hosts: HostModel[];
}

/** A log-in of a run, with the code with which it fails there, if it does. */
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

/** `pulumi up`, of everything or of one resource. @returns its log-ins, of which there are no others */
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
		// The one under the earlier name owns nothing any more.
		if (host.orphaned && !target) visits.push({ host });
		if (!target) host.orphaned = false;
	}
	return visits;
}

/** Whether an update of a model that has changed so would succeed. */
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

/** `pulumi up --replace` of an enforcement: it puts back, and sets anew. */
export function replaceEnforcement(host: HostModel): Visit[] {
	const { receipt } = host;
	host.value = host.original;
	const visits = [{ host }, look(host)];
	host.receipt = RECEIPT_OUTLIVES.replacement ? receipt : undefined;
	return visits;
}

/** `pulumi stack rename`: what is derived from its name is due everywhere. */
export function renameStack(model: Model, name: string): void {
	model.stack = name;
	for (const host of model.hosts) {
		host.due = true;
		if (!RECEIPT_OUTLIVES.stackRename) host.receipt = undefined;
	}
}

/** Another name makes other resources. */
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

/** The trigger resource goes, or is made: a kick, unless the host remembers one for these triggers. */
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
	// What is taken out of the state needs no log-in.
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
