import type { Fleet } from "./fleet.ts";
import type { CommandLine } from "./measure.ts";

/** What is done to a fleet, in this order. */
export const STEPS = [
	"first up",
	"unchanged up",
	"one trigger",
	"all triggers",
	"destroy",
] as const;
export type StepName = (typeof STEPS)[number];

/** One way to look after a fleet. */
export interface Side {
	name: string;
	fleet: Fleet;
	/** Prepares a step, which is not measured, and says what runs it. */
	steps: Record<StepName, () => Promise<CommandLine>>;
}
