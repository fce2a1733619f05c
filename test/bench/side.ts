import type { Hosts } from "./hosts.ts";
import type { CommandLine } from "./measure.ts";

/** What is done to a fleet, in this order. */
export const STEPS = [
	"first up",
	"unchanged up",
	"one trigger",
	"all triggers",
	"check",
	"destroy",
] as const;
export type StepName = (typeof STEPS)[number];

/** One way to look after a fleet. */
export interface Side {
	name: string;
	fleet: Hosts;
	/**
	 * Prepares a step, which is not measured, and says what runs it. A Pulumi program of plain commands sees no drift: it
	 * has no check.
	 */
	steps: Record<Exclude<StepName, "check">, () => Promise<CommandLine>> &
		Partial<Record<"check", () => Promise<CommandLine>>>;
}
