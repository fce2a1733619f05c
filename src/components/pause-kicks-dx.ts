import * as pulumi from "@pulumi/pulumi";
import { type Command, createAccess } from "../access/access";
import { HOST_TYPE } from "../model/component-types";
import {
	type Cycle,
	type CycleType,
	cycleType,
	OnDestroy,
	OnUncertain,
	type RegistryTool,
	type Role,
	type Samba,
	type Ssh,
} from "../model/host";
import {
	digest,
	HOST_CYCLE,
	hostOwner,
	kickToken,
} from "../protocol/host-record";
import {
	parseEnforceOutput,
	parseReceipt,
	type Receipt,
} from "../protocol/step-output";
import { ARGS } from "../validation/args-schema";
import { assertValidArgs } from "../validation/validate-args";
import { parseOutput } from "./parsed-output";
import { SHORT, showProgress } from "./progress";
import { runOnceCommand } from "./run-once";
import { fullStackName } from "./stack-name";

/** Inputs of {@link PauseKicksDX}. */
export interface PauseKicksDXArgs {
	/** The role set in Exchange Administrator. It decides whether a kick runs T1 or T2. */
	role: Role;
	/** How to reach the host by SSH. Exactly one of `ssh` and `samba`. */
	ssh?: Ssh;
	/** How to reach a host without an SSH server. Exactly one of `ssh` and `samba`. */
	samba?: Samba;
	/** Which program reads and writes the registry; with `ssh` only. @default `auto`, with `ssh` */
	registryTool?: RegistryTool;
	/** What `pulumi destroy` does with the value. @default OnDestroy.Restore */
	onDestroy?: OnDestroy;
	/** When a cycle starts. @default none: the value is enforced and no cycle is ever started */
	cycle?: Cycle;
	/** Any string. A change makes the next update inspect the host again and repair drift. It never starts a cycle. */
	verify?: pulumi.Input<string>;
}

/**
 * Enforces `PauseKicksDX` = REG_DWORD 1 in the key of the service MSExchangeDX on one Exchange host. It restarts the
 * service if the value changed while the service ran (Q147464, Q148309). If a `cycle` is declared, it starts a directory
 * synchronization cycle by pausing the service (Q146738).
 *
 * The component's name identifies the host in messages, in credentials and in the host record: 1 to 63 letters, digits,
 * `.`, `_` and `-`, the first one a letter or digit.
 *
 * @example
 * const config = new pulumi.Config();
 * const exchange = new PauseKicksDX("EXCH01", {
 *   role: "requestor",
 *   ssh: {
 *     host: "exch01.corp.example",
 *     user: "Administrator",
 *     hostKey: "ssh-ed25519 AAAA...",
 *     privateKey: config.requireSecret("exch01Key"),
 *   },
 *   cycle: { triggers: ["initial-import"] },
 * });
 * export const previous = exchange.previous;
 *
 * @throws pulumi.InputPropertiesError, before anything is registered, with every error in the name and in those arguments
 * that are plain values
 */
export class PauseKicksDX extends pulumi.ComponentResource {
	/** The enforced value: 1. */
	readonly value: pulumi.Output<number>;
	/** What the host had before this package: `absent`, `REG_DWORD 0`, `REG_SZ 1`, ... */
	readonly previous: pulumi.Output<string>;
	/** Whether the last update that inspected the host restarted the service. */
	readonly restarted: pulumi.Output<boolean>;
	/** The type of the cycle that `triggers` start; undefined if no cycle is declared. */
	readonly cycleType: pulumi.Output<CycleType | undefined>;
	/** The triggers of the last cycle; undefined if no cycle is declared. */
	readonly triggers: pulumi.Output<string[] | undefined>;
	/**
	 * When the update started the last cycle: ISO 8601, UTC, by the clock of the machine that ran Pulumi. Undefined if no
	 * cycle is declared.
	 */
	readonly kickedAt: pulumi.Output<string | undefined>;
	/** What the host reported to that kick, in ASCII, with its number; undefined if no cycle is declared. */
	readonly evidence: pulumi.Output<string | undefined>;
	readonly #cycle?: Command;

	constructor(
		name: string,
		args: PauseKicksDXArgs,
		opts?: pulumi.ComponentResourceOptions,
	) {
		// Validates plain values only. An Output reaches the plugin before it can be validated.
		assertValidArgs("PauseKicksDX", name, ARGS, args);
		const stack = fullStackName();
		// No inputs are passed on: they would go into the state as they are, passwords in clear among them.
		super(HOST_TYPE, name, {}, opts);

		const access = createAccess(args);
		// Only a digest of `verify` is used. If it were secret, the scripts would be stored as secrets, at twice the size.
		const verify = pulumi.unsecret(pulumi.output(args.verify ?? ""));
		const commands = verify.apply((text) =>
			access.enforce({
				host: name,
				stack,
				owner: hostOwner(name, access.kind),
				hasCycle: args.cycle !== undefined,
				onDestroy: args.onDestroy ?? OnDestroy.Restore,
				verify: digest([text]),
			}),
		);
		const enforcement = access.run(
			name,
			{
				create: commands.create,
				update: commands.update,
				delete: commands.delete,
				stdin: commands.stdin,
			},
			// If the replacement were created first, the delete of the old one would then restore the earlier value.
			{ parent: this, deleteBeforeReplace: true },
		);
		showProgress(
			{ name, command: enforcement, parent: this, after: opts?.dependsOn },
			{
				doing: `checks PauseKicksDX on ${name}, sets it and restarts the service if needed`,
				...SHORT,
			},
		);
		const enforced = parseOutput(enforcement.stdout, (stdout) => ({
			value: 1,
			...parseEnforceOutput(name, stdout),
		}));
		this.value = enforced.value;
		this.previous = enforced.previous;
		this.restarted = enforced.restarted;

		if (args.cycle) {
			const { triggers, onUncertain = OnUncertain.Fail } = args.cycle;
			const commands = access.kick({
				host: name,
				cycle: HOST_CYCLE,
				token: kickToken(HOST_CYCLE, triggers),
				type: cycleType(args.role),
				onUncertain,
			});
			// The triggers are the user's own strings only. A derived value could change unintentionally.
			this.#cycle = runOnceCommand(
				`${name}-cycle`,
				{
					run: access.run,
					triggers,
					commands,
					stdin: commands.stdin,
					after: [enforcement],
					progress: {
						doing: `pauses the service on ${name} to start ${cycleType(args.role)}`,
						...SHORT,
					},
				},
				{ parent: this },
			);
		}
		const kick = this.#cycle
			? parseOutput(this.#cycle.stdout, (stdout) => parseReceipt(name, stdout))
			: pulumi.output<Receipt | undefined>(undefined);
		this.kickedAt = kick.apply((receipt) => receipt?.kickedAt);
		this.evidence = kick.apply((receipt) => receipt?.evidence);
		this.cycleType = pulumi.output(args.cycle && cycleType(args.role));
		this.triggers = pulumi.output(args.cycle?.triggers);
		// Without outputs: with checkpoints they would be one more write of the whole state for each host at each change.
		// Updates of 100 hosts use 30 % less processor time without them.
		this.registerOutputs();
	}

	/** The resource that starts the cycle, if one is declared: other resources can depend on it alone. */
	get cycle(): pulumi.CustomResource | undefined {
		return this.#cycle;
	}
}
