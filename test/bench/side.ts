import type { Hosts } from "./hosts.ts";
import type { CommandLine } from "./measure.ts";

/** The steps of a benchmark, in order. */
export const STEPS = [
	"first up",
	"unchanged up",
	"one trigger",
	"all triggers",
	"check",
	"destroy",
] as const;
export type StepName = (typeof STEPS)[number];

export const SIDES = {
	ours: "ours",
	oursOff: "ours without checkpoints",
	plain: "plain commands",
	plainOff: "plain without checkpoints",
	ansible: "Ansible",
	ssh: "ssh",
	empty: "nothing",
	bare: "nothing without the SDK",
	samba: "ours over Samba",
} as const;

/** One tool that manages a fleet. */
export interface Side {
	name: string;
	fleet: Hosts;
	/** The bytes of its state. Undefined if it keeps none. */
	stateBytes?: () => Promise<number>;
	/**
	 * Prepares a step, which is not measured, and returns its command. A Pulumi program of plain commands detects no
	 * drift, so it has no check.
	 */
	steps: Record<Exclude<StepName, "check">, () => Promise<CommandLine>> &
		Partial<Record<"check", () => Promise<CommandLine>>>;
}
