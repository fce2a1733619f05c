import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
	type Access,
	type CreateCommand,
	createAccess,
	overSsh,
} from "../access/access";
import type {
	PostOffice,
	PostOfficeCutoverArgs,
	Wait,
} from "../model/cutover-args";
import {
	awaitsT3,
	type Plan,
	participantKeys,
	planSteps,
	type Step,
} from "../model/cutover-plan";
import { cycleType, endpointKey, OnUncertain } from "../model/host";
import type { StepCommands } from "../protocol/commands";
import { digest, HOST_RECORD_KEY, kickToken } from "../protocol/host-record";
import {
	DURATION_PREFIX,
	parseStepOutput,
	STARTED_PREFIX,
} from "../protocol/step-output";
import {
	importStdin,
	type PostOfficeCommands,
	postOfficeCommands,
	postOfficeRecord,
} from "../scripts/windows/post-office";
import {
	PROGRAM_LIMIT_SECONDS,
	programCommands,
} from "../scripts/windows/program";
import { waitCommands } from "../scripts/windows/wait";
import { LONG, type Progress, SHORT, showProgress } from "./progress";
import {
	type CompletedCommand,
	runOnceCommand,
	withStartTime,
} from "./run-once";

/**
 * Creates the resources of one cutover. It is separate from the component because the fields of the component are its
 * outputs.
 */
export class CutoverResources {
	readonly steps: Step[];
	readonly #name: string;
	readonly #args: PostOfficeCutoverArgs;
	readonly #plan: Plan;
	readonly #exchange: Access;
	readonly #parent: pulumi.Resource;
	/** Gets a new id in each run of the cutover. Only this id makes the steps run again. */
	readonly #run: local.Command;
	/**
	 * The id of `#run`. In a preview the plugin invents an id for a run that does not exist yet, and a saved plan would
	 * then require it. So the id counts as known only if the stdout of `#run` is known, which in that preview it is not.
	 */
	readonly #runId: pulumi.Output<string>;
	readonly #offices: Map<string, Office>;
	readonly #made = new Map<string, CompletedCommand>();

	constructor(
		name: string,
		args: PostOfficeCutoverArgs,
		stack: string,
		parent: pulumi.Resource,
		dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
	) {
		this.#name = name;
		this.#args = args;
		this.#parent = parent;
		const { exchange, postOffices } = args;
		this.#exchange = createAccess(exchange);
		this.#run = new local.Command(
			name,
			{
				triggers: [args.run, ...participantKeys(exchange, postOffices)],
				addPreviousOutputInEnv: false,
			},
			{ parent, dependsOn },
		);
		this.#runId = pulumi
			.all([this.#run.id, this.#run.stdout])
			.apply(([id]) => id);
		this.#offices = this.#declareOffices(stack);
		this.#plan = {
			exchange,
			postOffices: postOffices.map((office) => ({
				...office,
				machine: endpointKey(office),
			})),
			applyOnPostOffices: args.applyOnPostOffices ?? true,
		};
		this.steps = planSteps(this.#plan);
	}

	/** Creates the resource of a step. The resources of all steps before it must exist. */
	make(step: Step): CompletedCommand {
		const made = this.#resource(step);
		this.#made.set(step.name, made);
		return made;
	}

	/** The name of the host that a step runs on; empty for a wait of a fixed time. */
	hostForStep(step: Step): string {
		if (step.kind === "program") return step.postOffice;
		if (step.kind === "wait") return this.#args.waits[step.wait].host ?? "";
		return this.#args.exchange.name;
	}

	#resource(step: Step): CompletedCommand {
		const { exchange, waits, guards = {} } = this.#args;
		const run = this.#runId.apply((id) => digest([id]));
		switch (step.kind) {
			case "program":
				return this.#program(step);
			case "wait":
				return this.#wait(step, waits[step.wait]);
			case "kick": {
				const cycle = `cutover-${this.#name}`;
				const commands = run.apply((id) =>
					this.#exchange.kick({
						host: exchange.name,
						cycle,
						token: kickToken(cycle, [id]),
						type: cycleType(exchange.role),
						onUncertain: this.#onUncertain,
						awaitsT3: awaitsT3(this.#plan),
						guards: {
							minutesAroundHour: guards.minutesAroundHour ?? 0,
							t3BeforeT2: awaitsT3(this.#plan) && (guards.t3BeforeT2 ?? true),
						},
					}),
				);
				return this.#trigger(step, this.#exchange.run, commands, {
					doing: `pauses the service on ${exchange.name} to start ${cycleType(exchange.role)}`,
					...SHORT,
				});
			}
			case "t3-done":
				return this.#trigger(
					step,
					this.#exchange.run,
					this.#exchange.t3Done(exchange.name),
					{
						doing: `records on ${exchange.name} that T3 is done`,
						...SHORT,
					},
				);
		}
	}

	get #onUncertain(): OnUncertain {
		return this.#args.onUncertain ?? OnUncertain.Fail;
	}

	#program(step: Step & { kind: "program" }): CompletedCommand {
		const office = this.#offices.get(step.postOffice) as Office;
		const { args, run, commands } = office;
		const { program, flag } = step;
		const progress = {
			doing: `runs ${[program, flag].filter(Boolean).join(" -")} on ${args.name}`,
			...{ limit: PROGRAM_LIMIT_SECONDS, ...LONG },
		};
		if (program === "import")
			return this.#trigger(
				step,
				run,
				commands.import,
				progress,
				pulumi
					.secret(args.adminPassword)
					.apply((text) => importStdin(text ?? "")),
			);
		return this.#trigger(
			step,
			run,
			this.#runId.apply((id) =>
				programCommands({
					...args,
					postOffice: args.name,
					record: postOfficeRecord(this.#name, args.name),
					program,
					flag: flag ? `-${flag}` : "-f",
					launcher: args.launcher,
					token: digest([id]),
					onUncertain: this.#onUncertain,
				}),
			),
			progress,
		);
	}

	#wait(step: Step & { kind: "wait" }, wait: Wait): CompletedCommand {
		const { seconds, host = "", command = "", contains = "" } = wait;
		const { timeout = 900 } = wait;
		if (seconds !== undefined) {
			const name = `${this.#name}-${step.name}`;
			const parent = this.#parent;
			const after = this.#after(step);
			const waiting = new local.Command(
				name,
				{
					triggers: [this.#runId],
					create: withStartTime(after, (at) => pause(at, seconds)),
					logging: local.Logging.Stdout,
					addPreviousOutputInEnv: false,
				},
				{
					...{ parent, dependsOn: after },
					ignoreChanges: ["create", "logging", "addPreviousOutputInEnv"],
				},
			);
			showProgress(
				{ name, command: waiting, parent, after },
				{
					doing: `waits ${seconds} s`,
					lastSeen: this.#lastSeen(step),
					...{ limit: seconds, ...LONG },
				},
			);
			return waiting;
		}
		const office = this.#offices.get(host);
		return this.#trigger(
			step,
			(office ?? this.#exchange).run,
			waitCommands({
				host,
				step: step.wait,
				record: office ? postOfficeRecord(this.#name, host) : HOST_RECORD_KEY,
				command,
				contains,
				...{ every: wait.every ?? 10, timeout },
			}),
			{
				doing: `waits until ${command} on ${host} prints ${contains}`,
				...{ limit: timeout, ...LONG },
			},
		);
	}

	#trigger(
		step: Step,
		run: CreateCommand,
		commands: pulumi.Input<Omit<StepCommands, "stdin">>,
		progress: Progress,
		stdin: pulumi.Input<string> = pulumi
			.output(commands)
			.apply((own) => (own as StepCommands).stdin),
	): CompletedCommand {
		return runOnceCommand(
			`${this.#name}-${step.name}`,
			{
				run,
				triggers: [this.#runId],
				commands,
				stdin,
				after: this.#after(step),
				progress: { ...progress, lastSeen: this.#lastSeen(step) },
			},
			{ parent: this.#parent },
		);
	}

	/** The names of the steps that ended directly before this one, and the beginning of what their hosts reported. */
	#lastSeen({ after }: Step): pulumi.Output<string> {
		const printed = after.map((name) => this.#made.get(name)?.stdout ?? "");
		return pulumi.all(printed).apply((all) =>
			all
				.map((stdout = "") => parseStepOutput(stdout).evidence.slice(0, 80))
				.map((evidence, index) => `${after[index]}, ${evidence}`)
				.join("; "),
		);
	}

	/**
	 * The resources that a step depends on. The first steps wait for all post offices: nothing is sent while one of them
	 * cannot take part.
	 */
	#after({ after }: Step): CompletedCommand[] {
		return after.length === 0
			? [...this.#offices.values()].map(({ ready }) => ready)
			: after.map((name) => this.#made.get(name) as CompletedCommand);
	}

	/**
	 * Creates the resources of the post offices. Those on the same machine run in sequence, since a machine accepts one
	 * run at a time.
	 */
	#declareOffices(stack: string): Map<string, Office> {
		const last = new Map<string, CompletedCommand>();
		return new Map(
			this.#args.postOffices.map((args) => {
				const commands = postOfficeCommands({
					...args,
					launcher: args.launcher,
					cutover: this.#name,
					stack,
					mustBeFree: this.#args.guards?.freePostOffices ?? true,
				});
				const run = this.#runId.apply((id) => digest([id]));
				const before = last.get(endpointKey(args));
				const onOffice = overSsh(args.ssh);
				const parent = this.#parent;
				const name = `${this.#name}-${args.name}`;
				const after = before ? [this.#run, before] : [this.#run];
				const ready = onOffice(
					name,
					{
						create: run.apply(commands.create),
						update: run.apply(commands.update),
						delete: commands.delete,
						stdin: commands.stdin,
					},
					{ parent, deleteBeforeReplace: true, dependsOn: after },
				);
				showProgress(
					{ name, command: ready, parent, after },
					{
						doing: `checks the post office ${args.name}`,
						...SHORT,
					},
				);
				last.set(endpointKey(args), ready);
				return [args.name, { args, run: onOffice, commands, ready }];
			}),
		);
	}
}

/** A post office, and the resource that has checked it. */
interface Office {
	args: PostOffice;
	run: CreateCommand;
	commands: PostOfficeCommands;
	ready: CompletedCommand;
}

/** A wait of a fixed time on the machine that runs Pulumi. It prints its own duration. */
const pause = (at: string, seconds: number): string => {
	const wait =
		process.platform === "win32"
			? `ping -n ${seconds + 1} 127.0.0.1 >nul`
			: `sleep ${seconds}`;
	return `${wait} && echo ${STARTED_PREFIX}${at}&& echo ${DURATION_PREFIX}${seconds} s&& echo waited`;
};
