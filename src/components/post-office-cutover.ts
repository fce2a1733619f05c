import * as pulumi from "@pulumi/pulumi";
import { CUTOVER_TYPE } from "../model/component-types";
import type { PostOfficeCutoverArgs } from "../model/cutover-args";
import { parseStepOutput } from "../protocol/step-output";
import { CUTOVER_ARGS } from "../validation/args-schema";
import { assertCheckpointsEnabled } from "../validation/cutover-rules";
import {
	assertValidArgs,
	withOneLineErrors,
} from "../validation/validate-args";
import { CutoverResources } from "./cutover-resources";
import { knownOutputs } from "./known-outputs";
import { parseOutput } from "./parsed-output";
import { fullStackName } from "./stack-name";

/** A step of a cutover that succeeded. */
export interface CutoverStep {
	/** `PO-HARBOR-reqmain-t`, `EXCH01-kick`, `t1-delivered`, ... */
	step: string;
	/** The post office or host it ran on; empty for a wait of a fixed time. */
	host: string;
	/** ISO 8601, UTC, by the clock of the machine that runs Pulumi; empty if it cannot be read. */
	start: string;
	/** `start` plus the seconds that the host counted; empty if `start` is. */
	end: string;
	/** What the host reported, in ASCII. */
	evidence: string;
}

/**
 * Runs the whole manual directory synchronization between MS Mail post offices and Exchange in order: T1, T2 and T3, where
 * Exchange is a requestor (Q148309) or the dirsync server (Q147464). Each step is a resource of its own. A step that fails
 * stops the rest; the next update continues with it and repeats none that succeeded.
 *
 * @example
 * new PostOfficeCutover("harbor", {
 *   run: "rehearsal-1",
 *   exchange: { name: "EXCH01", role: "requestor", ssh },
 *   postOffices: [
 *     { name: "PO-HARBOR", role: "server", ssh: harbor, drive: "X", directory: "C:\\MAILEXE", admin: "admin", adminPassword },
 *   ],
 *   waits: { t1Delivered: { seconds: 600 }, t2Delivered: { seconds: 600 } },
 * }, { dependsOn: exchange });
 *
 * @throws pulumi.InputPropertiesError, before anything is registered, with every error in the name and in those arguments
 * that are plain values
 * @throws pulumi.RunError if `PULUMI_SKIP_CHECKPOINTS` is set: an interrupted cutover could not continue where it stopped
 */
export class PostOfficeCutover extends pulumi.ComponentResource {
	/** The steps that succeeded, in order. */
	readonly steps: pulumi.Output<CutoverStep[]>;

	constructor(
		name: string,
		args: PostOfficeCutoverArgs,
		opts?: pulumi.ComponentResourceOptions,
	) {
		assertValidArgs("PostOfficeCutover", name, CUTOVER_ARGS, args);
		withOneLineErrors(assertCheckpointsEnabled)();
		const stack = fullStackName();
		// No inputs are passed on: they would go into the state as they are, passwords in clear among them.
		super(CUTOVER_TYPE, name, {}, opts);
		const dependsOn = opts?.dependsOn;
		const cutover = new CutoverResources(name, args, stack, this, dependsOn);
		this.steps = pulumi
			.all(
				cutover.steps.map((step) =>
					parseOutput(cutover.make(step).stdout, (stdout) => ({
						step: step.name,
						host: cutover.hostForStep(step),
						...parseStepOutput(stdout),
					})),
				),
			)
			.apply((steps) => steps.filter((step) => step !== undefined));
		this.registerOutputs(knownOutputs({ steps: this.steps }));
	}
}
