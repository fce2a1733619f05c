import type { CycleType } from "../../model/host";
import { hostOwner } from "../../protocol/host-record";
import type {
	CycleEntry,
	HostRecord,
	Inspection,
} from "../../protocol/inspection";
import { message, type OutcomeCode } from "../../protocol/outcomes";
import {
	formatRegistryValue,
	type RegistryValue,
} from "../../protocol/registry-value";
import { KICK_STEP, REGISTRY_STEP } from "../../protocol/step-output";
import type { Host, KickSettings } from "../hosts";
import type { Operation } from "./preview";

/** What the next update will do on one host. */
export interface HostPrediction {
	/** The data of PauseKicksDX now, and after the update; null if it is absent. */
	value: { now: RegistryValue | null; after: RegistryValue | null };
	/** Why the service will be restarted; null if it will not. */
	restart: string | null;
	/** The cycles that will be started, in order. */
	cycles: PredictedCycle[];
	/** What the host will refuse, in the words in which the update will fail. */
	refused: Refusal[];
	/** Facts that explain why nothing happens, or what `destroy` leaves. */
	notes: string[];
}

export interface PredictedCycle {
	/** Null if it is not known. */
	type: CycleType | null;
	/** Why it is started. */
	reason: string;
}

export interface Refusal {
	/** A code of docs/troubleshooting.md. */
	code: OutcomeCode;
	text: string;
}

/** A kick that the update contains. */
export interface PlannedKick extends KickSettings {
	/** The cycle's name: see `KickOptions`. */
	cycle: string;
	/** Undefined if it is known only during the update. */
	token: string | undefined;
	reason: string;
}

const PENDING = "a restart is pending from an earlier update";

const ONE: RegistryValue = { type: "REG_DWORD", data: "1" };

/** What the host will look like at a point of the update. It changes from step to step. */
interface World {
	value: RegistryValue | null;
	service: Inspection["service"];
	takesPause: boolean | null;
	record: HostRecord | null;
}

/** Predicts the steps of the scripts: the enforcement first, then the kicks in their order. */
export class HostPredictor {
	readonly #host: Host;
	readonly #stack: string;
	readonly #canStart: boolean;
	readonly #world: World;
	readonly #result: HostPrediction;

	/** @param stack `organization/project/stack` */
	constructor(host: Host, stack: string, inspection: Inspection) {
		this.#host = host;
		this.#stack = stack;
		const { value, service, takesPause, record, canStart } = inspection;
		this.#canStart = canStart;
		this.#world = { value, service, takesPause, record };
		this.#result = {
			value: { now: value, after: value },
			restart: null,
			cycles: [],
			refused: [],
			notes: [],
		};
	}

	/** @param operation what the update does with the enforcement resource */
	enforce(operation: Operation): this {
		if (operation === "delete") this.#delete();
		if (operation === "replace" && this.#isOurs()) this.#restore();
		if (["create", "update", "replace"].includes(operation))
			this.#enforceValue(operation);
		return this;
	}

	/** Nothing is sent after a step of this host was refused. */
	kick(kick: PlannedKick): this {
		if (this.#result.refused.length === 0) this.#kick(kick);
		return this;
	}

	/** Adds a note, once. */
	note(text: string): this {
		if (!this.#result.notes.includes(text)) this.#result.notes.push(text);
		return this;
	}

	/**
	 * Notes drift that the update does not repair, because it does not connect to the host.
	 *
	 * @param verify the name of the setting that makes an update inspect the host, for the note
	 */
	noteDrift(verify: string): this {
		return isOne(this.#world.value)
			? this
			: this.note(
					`the value is not changed, because the update does not inspect this host: set ${verify} to a new string to have it repaired`,
				);
	}

	result(): HostPrediction {
		this.#result.value.after = this.#world.value;
		return this.#result;
	}

	#enforceValue(operation: Operation): void {
		const { value, service, record } = this.#world;
		const refusal = this.#enforcementRefusal(operation);
		if (refusal) {
			this.#refuse(REGISTRY_STEP, ...refusal);
			return;
		}
		if (record?.restartPending) this.#restart(PENDING);
		else if (!isOne(value) && service !== "stopped")
			this.#restart("the service reads PauseKicksDX when it starts");
		this.#world.value = ONE;
		this.#world.record = this.#ownRecord(value, record);
	}

	#enforcementRefusal(
		operation: Operation,
	): [code: OutcomeCode, detail?: string] | undefined {
		const { value, service, record } = this.#world;
		if (record && !this.#maySet(operation, record))
			return ["another-stack", record.stack];
		if (service === "not installed") return ["not-installed"];
		if (!record && value && !isPreservable(value, this.#host.kind))
			return ["cannot-preserve", formatRegistryValue(value)];
		const restarts = !isOne(value) || record?.restartPending === true;
		return restarts && !this.#canStart ? ["cannot-restart"] : undefined;
	}

	/** An update may find that its stack was renamed. */
	#maySet(operation: Operation, record: HostRecord): boolean {
		return (
			record.stack === this.#stack ||
			(operation === "update" && this.#isOwner(record))
		);
	}

	#isOwner = ({ owner }: HostRecord) =>
		owner === hostOwner(this.#host.name, this.#host.kind);

	#isOurs(): boolean {
		const { record } = this.#world;
		return record?.stack === this.#stack && this.#isOwner(record);
	}

	#ownRecord(value: RegistryValue | null, record: HostRecord | null) {
		const previous = record ? record.previous : value;
		const none = { receipts: [], intent: null, t2Open: false };
		return {
			...none,
			...record,
			stack: this.#stack,
			owner: hostOwner(this.#host.name, this.#host.kind),
			previous,
			restartPending: false,
		};
	}

	#delete(): void {
		const { value } = this.#world;
		const isOurs = this.#isOurs();
		this.#restore();
		if (formatRegistryValue(value) !== formatRegistryValue(this.#world.value))
			this.note("the service is not restarted: it keeps the value it has read");
		else if (isOurs) this.note("its record on the host is removed");
	}

	/** Restores the earlier value, as the delete of the enforcement does, unless another one owns the host. */
	#restore(): void {
		const { notes } = this.#result;
		const { record } = this.#world;
		if (!record) {
			notes.push("there is no host record, so the value is not changed");
			return;
		}
		if (!this.#isOurs()) {
			notes.push(
				`the host belongs to ${record.stack}, so the value is not changed`,
			);
			return;
		}
		if (record.intent)
			notes.push("the record of a kick with an unknown outcome is deleted");
		this.#world.record = null;
		if (this.#host.onDestroy === "keep")
			notes.push("onDestroy is keep: the value is not changed");
		else this.#world.value = record.previous;
	}

	#kick(kick: PlannedKick): void {
		const { record } = this.#world;
		const done = this.#alreadyDone(kick);
		if (done) {
			this.note(`${done}: nothing is sent`);
			if (record?.intent) this.#closeIntent(kick);
			return;
		}
		const refusal = this.#kickRefusal(kick);
		if (refusal) {
			this.#refuse(KICK_STEP, ...refusal);
			return;
		}
		if (record?.restartPending) this.#restart(PENDING);
		else if (this.#mustRestart())
			this.#restart("the service started before PauseKicksDX was written");
		const attempt = record?.intent
			? `, although the outcome of the attempt of ${record.intent.at} is unknown`
			: "";
		this.#result.cycles.push({
			type: kick.type,
			reason: kick.reason + attempt,
		});
		// NT 4 and 2000 do not report whether the running service was started with the value.
		if (!isOne(this.#world.value) && this.#world.takesPause === null)
			this.note(
				`${kick.type ?? "the cycle"} starts only if the service was started with the value in place; otherwise the update ends with value-missing: have the value repaired first`,
			);
		this.#closeIntent(kick);
	}

	/** What a kick leaves in the record, for the next one in the same update. */
	#closeIntent({ cycle, token = "" }: PlannedKick): void {
		const { record } = this.#world;
		if (!record) return;
		const receipt = { cycle, token, at: "this update", evidence: "" };
		this.#world.record = {
			...record,
			intent: null,
			receipts: [...record.receipts, receipt],
		};
	}

	/** On later versions of Windows a running service reports that it does not accept the pause. */
	#mustRestart(): boolean {
		const { service, takesPause } = this.#world;
		return service === "running" && takesPause === false;
	}

	/** Why a kick sends nothing and succeeds; undefined if it sends. */
	#alreadyDone(kick: PlannedKick): string | undefined {
		const { record } = this.#world;
		const isSame = ({ cycle, token }: CycleEntry) =>
			cycle === kick.cycle && token === kick.token;
		const receipt = record?.receipts.find(isSame);
		if (receipt)
			return `${kick.type ?? "the cycle"} was already started for these triggers at ${receipt.at}`;
		const intent = record?.intent;
		return intent && isSame(intent) && kick.onUncertain === "accept"
			? `the attempt of ${intent.at} is accepted as done`
			: undefined;
	}

	#kickRefusal({
		onUncertain,
		t3BeforeT2,
	}: PlannedKick): [code: OutcomeCode, detail?: string] | undefined {
		const { service, record, value } = this.#world;
		const intent = record?.intent;
		if (intent && onUncertain === "fail") return ["outcome-unknown", intent.at];
		if (intent && onUncertain === undefined)
			this.note(
				`the outcome of the attempt of ${intent.at} is unknown: unless onUncertain is retry or accept, the update fails with outcome-unknown`,
			);
		if (t3BeforeT2 && (record?.t2Open || record?.intent)) return ["t3-missing"];
		if (service === "not installed") return ["not-installed"];
		const restarts = record?.restartPending || this.#mustRestart();
		if (this.#mustRestart() && !record?.restartPending && !isOne(value))
			return ["value-missing"];
		if (restarts && !this.#canStart) return ["cannot-restart"];
		// A pending restart also starts a stopped service.
		if (record?.restartPending) return undefined;
		if (service === "stopped") return ["not-running"];
		return service === "paused" || service === "pending"
			? ["takes-no-control"]
			: undefined;
	}

	#restart(reason: string): void {
		this.#result.restart ??= reason;
		this.#world.service = "running";
		this.#world.takesPause = isOne(this.#world.value) ? true : null;
		if (this.#world.record)
			this.#world.record = { ...this.#world.record, restartPending: false };
	}

	#refuse(step: string, code: OutcomeCode, detail?: string): void {
		const text = message(this.#host.name, step, code);
		this.#result.refused.push({
			code,
			text: detail ? `${text} (${detail})` : text,
		});
	}
}

const isOne = (value: RegistryValue | null): boolean =>
	value?.type === ONE.type && value.data === ONE.data;

/**
 * Whether the scripts can record and restore a value exactly: numbers and plain words, and by SSH also bytes that fit in
 * one line of a .reg file.
 */
export function isPreservable(
	{ type, data }: RegistryValue,
	kind: string,
): boolean {
	if (type === "REG_DWORD") return true;
	if (type === "REG_SZ") return /^[A-Za-z0-9._ -]*$/.test(data);
	if (kind !== "ssh") return false;
	if (type === "REG_QWORD") return true;
	return (
		["REG_BINARY", "REG_NONE"].includes(type) &&
		data.split(",").length <= BYTES_IN_A_LINE
	);
}

/** A line of a .reg file breaks at 80 characters. The name of the value is in the same line. */
const BYTES_IN_A_LINE = 19;
