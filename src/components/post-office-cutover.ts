import * as pulumi from "@pulumi/pulumi";
import type {
	ExchangeArgs,
	GuardsArgs,
	PostOfficeArgs,
	WaitsArgs,
} from "../model/cutover";
import type { OnUncertain } from "../model/host";
import { readStep } from "../protocol/step-output";
import { CUTOVER_ARGS } from "../validation/args-schema";
import { needCheckpoints } from "../validation/cutover-rules";
import { refuse, refusing } from "../validation/validate-args";
import { CutoverResources } from "./cutover-resources";
import { readPrinted } from "./parsed-output";

/** Inputs of {@link PostOfficeCutover}. */
export interface PostOfficeCutoverArgs {
	/** Any text; a change, to an earlier one too, repeats the whole cutover. */
	run: pulumi.Input<string>;
	/** The Exchange host, as its own `PauseKicksDX` has it; name that one in the option `dependsOn`. */
	exchange: ExchangeArgs;
	/** Every post office that takes part; adding or removing one repeats the whole cutover. */
	postOffices: PostOfficeArgs[];
	waits: WaitsArgs;
	/** Whether to run T3 on the post offices too. @default true */
	applyOnPostOffices?: boolean;
	/**
	 * What a step that sends does when an earlier attempt at it broke off: the kick, `reqmain -t`, `srvmain -t`.
	 *
	 * @default OnUncertain.Fail
	 */
	onUncertain?: OnUncertain;
	guards?: GuardsArgs;
}

/** One step of a cutover that ended well. */
export interface CutoverStep {
	/** `PO-HARBOR-reqmain-t`, `EXCH01-kick`, `t1-delivered`, ... */
	step: string;
	/** The post office or host it ran on; empty for a wait of a fixed time. */
	host: string;
	/** ISO 8601, UTC, by the clock of the machine that runs Pulumi. */
	start: string;
	/** `start` and the seconds that the host counted. */
	end: string;
	/** What the host answered, in ASCII. */
	evidence: string;
}

/**
 * The whole manual directory synchronization between MS Mail post offices and Exchange, in order: T1, T2 and T3 where
 * Exchange is a requestor (Q148309) or the dirsync server (Q147464). Each step is a resource of its own, so that a failed
 * one stops the rest and the next update goes on there and repeats none that succeeded.
 *
 * @throws pulumi.InputPropertiesError with all that is wrong with the name and those arguments that are plain values
 * @throws pulumi.RunError where `PULUMI_SKIP_CHECKPOINTS` is set: broken off, it could not go on where it stopped
 */
export class PostOfficeCutover extends pulumi.ComponentResource {
	/** The steps in order, those that ended well. */
	readonly steps: pulumi.Output<CutoverStep[]>;

	constructor(
		name: string,
		args: PostOfficeCutoverArgs,
		opts?: pulumi.ComponentResourceOptions,
	) {
		refuse("PostOfficeCutover", name, CUTOVER_ARGS, args);
		refusing(needCheckpoints)();
		// No inputs are handed on: they would go into the state as they are, passwords in clear among them.
		super("exchange-dirsync:index:PostOfficeCutover", name, {}, opts);
		const cutover = new CutoverResources(name, args, this, opts?.dependsOn);
		this.steps = pulumi
			.all(
				cutover.steps.map((step) =>
					readPrinted(cutover.make(step).stdout, (stdout) => ({
						step: step.name,
						host: cutover.hostOf(step),
						...readStep(stdout),
					})),
				),
			)
			.apply((steps) => steps.filter((step) => step !== undefined));
		this.registerOutputs({ steps: this.steps });
	}
}
