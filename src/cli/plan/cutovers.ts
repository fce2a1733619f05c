import { CUTOVER_TYPE } from "../../model/component-types";
import type { KickSettings } from "../hosts";
import { cutoverKick } from "./kicks";
import type { PlannedKick } from "./predict";
import type { PreviewStep } from "./preview";

/** What the next update will do of one cutover. */
export interface CutoverPlan {
	name: string;
	/** The steps that will run, in an order in which they can run. Steps on different machines run in parallel. */
	steps: string[];
	/** The kick among them. */
	kick?: PlannedKick & { host: string };
}

/** Finds the cutovers of a preview, and their steps that have not run yet. */
export const cutoverPlans = (
	preview: readonly PreviewStep[],
	declared: ReadonlyMap<string, KickSettings>,
): CutoverPlan[] =>
	preview
		.filter(
			({ type, operation }) => type === CUTOVER_TYPE && operation !== "delete",
		)
		.map(({ urn, name }) => {
			const children = preview.filter(({ parent }) => parent === urn);
			const run = children.filter(
				({ operation, inputs }) =>
					["create", "replace"].includes(operation) &&
					inputs.triggers !== undefined,
			);
			const steps = inOrder(run)
				// The cutover's own resource runs no command.
				.filter((step) => step.name !== name)
				.map((step) => step.name.slice(name.length + 1));
			const kick = run.find((step) => step.name.endsWith("-kick"));
			return {
				name,
				steps,
				...(kick && {
					kick: {
						host: kick.name.slice(name.length + 1, -"-kick".length),
						...cutoverKick(name, kick, declared.get(name)),
					},
				}),
			};
		});

/** Sorts steps so that each follows those that it depends on. Otherwise the order of the preview is kept. */
function inOrder(steps: readonly PreviewStep[]): PreviewStep[] {
	const sorted: PreviewStep[] = [];
	const add = (step: PreviewStep) => {
		if (sorted.includes(step)) return;
		for (const urn of step.dependencies) {
			const before = steps.find((other) => other.urn === urn);
			if (before) add(before);
		}
		sorted.push(step);
	};
	for (const step of steps) add(step);
	return sorted;
}
