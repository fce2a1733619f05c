import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import type { AnyHost } from "../lab/any-host.ts";
import type { GateOptions } from "../lab/gate.ts";
import { LabHost } from "../lab/lab-host.ts";
import type { Stack } from "../stack.ts";
import type { Credentials, RehearsalSite } from "./site.ts";
import type { Declared, OfficeEntry } from "./stack-file.ts";
import { isBefore, type RehearsedStep } from "./steps.ts";
import type { Update } from "./update.ts";

/** A step that is to fail, and by which accident. */
export interface Break {
	step: RehearsedStep;
	accident: AccidentName;
	/** The number that the program reports; only with `program-fails`. */
	number?: number;
}

/** An accident that waits for its step in an update. */
export interface Armed {
	/** Whether it has happened. Only known after `over`. */
	hasHappened(): Promise<boolean>;
	/** Call it when the update has ended. Resolves when the host is at rest. */
	over(): Promise<void>;
	/** Removes the cause, also of an accident that has not happened. */
	mend(): Promise<void>;
}

/** What is rehearsed. */
export interface Stage {
	declared: Declared;
	site: RehearsalSite;
	steps: readonly RehearsedStep[];
	stack: Stack;
	/** The rehearsal's folder. */
	folder: string;
	/** The right ones. */
	credentials: Credentials;
}

/** An accident on the stage, and the update in which it is to happen. */
interface Scene extends Stage, Break {
	update: Update;
}

interface Accident {
	/** One line for `--list`. */
	summary: string;
	appliesTo: (step: RehearsedStep) => boolean;
	/** What happens to a step, and when. */
	describe: (one: Break) => string;
	/** What has to be done outside Pulumi before the next update. The lab does it. Undefined if there is nothing. */
	repair?: (one: Break) => string;
	arm: (scene: Scene) => Promise<Armed>;
}

const isRemote = ({ transport }: RehearsedStep) => transport !== "local";

/** When an accident happens that interrupts a step: as late as possible, when the work is done and the result unknown. */
function moment({ kind, program }: RehearsedStep): string {
	if (kind === "kick") return "after the service had received the pause";
	if (kind === "program") return `after ${program?.program} had done its work`;
	return "when the step began";
}

/** The accidents, by the names that `--break` takes. */
export const ACCIDENTS = {
	"connection-cut": {
		summary: "the connection to the host is cut; the host works on",
		appliesTo: isRemote,
		describe: ({ step }) =>
			`the connection to ${step.entry?.name} was cut ${moment(step)}`,
		arm: (scene) =>
			ambush(scene, late(scene.step), async () => {
				const { site, step } = scene;
				const gateway = step.entry && site.gatewayOf(step.entry as object);
				await (gateway ?? hostOf(scene)).cutConnections();
			}),
	},
	"engine-killed": {
		summary: "Pulumi is killed, with its plugins",
		appliesTo: () => true,
		describe: ({ step }) =>
			`Pulumi and its plugins were killed ${moment(step)}`,
		arm: (scene) =>
			isRemote(scene.step)
				? ambush(scene, late(scene.step), async () => scene.update.kill())
				: killInLocalStep(scene),
	},
	"service-hangs": {
		summary: "MSExchangeDX answers a pause too late",
		appliesTo: ({ kind }) => kind === "kick",
		describe: ({ step }) =>
			`MSExchangeDX on ${step.entry?.name} gave no timely answer to the pause`,
		repair: ({ step }) => `MSExchangeDX on ${step.entry?.name} answers again`,
		arm: hangService,
	},
	"program-fails": {
		summary: "the MS Mail program reports that error: `program-fails 156`",
		appliesTo: ({ kind }) => kind === "program",
		describe: ({ step, number }) =>
			`${step.program?.program} on ${step.entry?.name} reported ${number}`,
		repair: ({ step, number }) =>
			`the cause of number ${number} on ${step.entry?.name} is removed`,
		arm: failProgram,
	},
	"disk-full": {
		summary: "the disk of the host is full",
		appliesTo: ({ transport }) => transport === "ssh",
		describe: ({ step }) =>
			`the disk of ${step.entry?.name} was full ${moment(step)}`,
		repair: ({ step }) => `space is freed on the disk of ${step.entry?.name}`,
		arm: async (scene) => {
			const host = hostOf(scene) as LabHost;
			return {
				...(await ambush(scene, late(scene.step), () => host.fillDisk())),
				mend: () => host.freeDisk(),
			};
		},
	},
	"wrong-password": {
		summary: "the stack has a wrong password or key",
		appliesTo: ({ kind, program }) =>
			kind === "enforcement" ||
			kind === "check" ||
			program?.program === "import",
		describe: ({ step }) =>
			`the stack had a wrong ${credentialOf(step).key} for ${step.entry?.name}`,
		arm: useWrongCredential,
	},
	"host-off": {
		summary: "the host is off",
		appliesTo: isRemote,
		describe: ({ step }) => `${step.entry?.name} was off when the step began`,
		repair: ({ step }) => `${step.entry?.name} is switched on again`,
		arm: switchOff,
	},
} satisfies Record<string, Accident>;

export type AccidentName = keyof typeof ACCIDENTS;

/** The accident of that name, with all its optional fields. */
export const accidentOf = ({ accident }: Pick<Break, "accident">): Accident =>
	ACCIDENTS[accident];

/** The accidents that can happen to a step. */
export const accidentsOf = (step: RehearsedStep): AccidentName[] =>
	(Object.keys(ACCIDENTS) as AccidentName[]).filter((accident) =>
		accidentOf({ accident }).appliesTo(step),
	);

/**
 * Parses the values of `--break`: `harbor-EXCH01-kick:connection-cut`.
 *
 * @throws Error if a step or an accident is unknown, if they do not fit, or if their order is impossible
 */
export function parseBreaks(
	values: readonly string[],
	steps: readonly RehearsedStep[],
): Break[] {
	const breaks = values.map((value) => parseBreak(value, steps));
	for (const [index, { step }] of breaks.entries())
		for (const { step: later } of breaks.slice(index + 1)) {
			if (step === later || isBefore(steps, step, later)) continue;
			throw new Error(
				isBefore(steps, later, step)
					? `rehearse: --break must name steps in their order, got ${step.name} before ${later.name}, which has succeeded by then; name ${later.name} first`
					: `rehearse: --break must name steps that wait for each other, got ${step.name} and ${later.name}, which run at the same time, so that the second can have succeeded when the first is repeated; practise them in two rehearsals`,
			);
		}
	return breaks;
}

function parseBreak(value: string, steps: readonly RehearsedStep[]): Break {
	const [name = "", text = ""] = value.split(/:(.*)/s);
	const [accident = "", number, ...rest] = text.trim().split(/\s+/);
	const step = steps.find((each) => each.name === name.trim());
	if (!step)
		throw new Error(
			`rehearse: --break names no step, got ${JSON.stringify(value)}; write "<step>:<accident>". Steps: ${steps.map((each) => each.name).join(", ")}`,
		);
	const known = accidentsOf(step);
	const found = known.find((each) => each === accident);
	if (!found)
		throw new Error(
			`rehearse: --break names no accident of ${step.name}, got ${accident ? JSON.stringify(accident) : "none"}; its accidents: ${known.join(", ")}`,
		);
	const wantsNumber = found === "program-fails";
	const isNumber = /^[1-9]\d{0,2}$/.test(number ?? "");
	if (rest.length > 0 || (wantsNumber ? !isNumber : number !== undefined))
		throw new Error(
			wantsNumber
				? `rehearse: program-fails needs the number of an MS Mail error, 1 to 999, got ${number === undefined ? "none" : JSON.stringify([number, ...rest].join(" "))}; write "${step.name}:program-fails 156"`
				: `rehearse: ${found} takes no number, got ${JSON.stringify(text)}; leave it out`,
		);
	return {
		step,
		accident: found,
		...(wantsNumber && { number: Number(number) }),
	};
}

/** How the user wrote it. */
export const textOf = ({ step, accident, number }: Break): string =>
	`${step.name}:${accident}${number === undefined ? "" : ` ${number}`}`;

/** Which credential of a step can be wrong: the path in `credentials`, and the key there. */
export function credentialOf({ kind, entry, transport }: RehearsedStep): {
	entry: string;
	key: "adminPassword" | "password" | "privateKey";
} {
	const name = entry?.name ?? "";
	if (kind === "program") return { entry: name, key: "adminPassword" };
	// The lab's SSH servers accept keys only.
	return { entry: name, key: transport === "ssh" ? "privateKey" : "password" };
}

/** The file with the right credential, for the operator. */
export const rightCredentialFile = (
	folder: string,
	step: RehearsedStep,
): string => {
	const { entry, key } = credentialOf(step);
	return join(folder, "credentials", `${entry}-${key}`);
};

export const hostOf = ({ site, step }: Pick<Scene, "site" | "step">): AnyHost =>
	site.hostOf(step.entry as OfficeEntry);

/** The beginning of a step: the first log-in to its host. */
const SESSION: GateOptions = { when: "before", program: "session" };

/** The call of an MS Mail program, as in its command line and in the setting `programFault`. */
function callOf({ program, entry }: RehearsedStep): string {
	const { program: name = "", flag } = program ?? {};
	const drive = `-d${(entry as OfficeEntry).drive}`;
	const words = name === "srvmain" ? [`-${flag}`, drive] : [drive];
	if (flag && name !== "srvmain") words.push(`-${flag}`);
	return [name, ...words].join(" ");
}

/** The moment of `moment`, as a gate. */
function late(step: RehearsedStep): GateOptions {
	if (step.kind === "kick") return pauseGate(step, "after");
	if (step.kind === "program") return { when: "after", program: callOf(step) };
	return SESSION;
}

const pauseGate = (
	{ transport }: RehearsedStep,
	when: GateOptions["when"],
): GateOptions => ({
	when,
	program: transport === "ssh" ? "net pause" : "pause MSExchangeDX",
});

/**
 * Blocks what comes to the gate. If it belongs to the step, the accident happens while it is blocked. Otherwise it
 * passes, and the next one is blocked.
 */
async function ambush(
	scene: Scene,
	options: GateOptions,
	happen: () => Promise<unknown>,
): Promise<Armed> {
	const { step, steps, update } = scene;
	const host = hostOf(scene);
	const onMachine = steps
		.filter(({ machine }) => machine === step.machine)
		.map(({ name }) => name);
	// Each step comes to a gate once, but over Samba it logs in several times.
	const isOnce = step.transport === "ssh" || options !== SESSION;
	const passed = new Set<string>();
	let happened = false;
	let gate = await host.gate(options);
	const watch = async () => {
		while (!happened && !update.ended) {
			if (!(await gate.holds())) {
				await pause(10);
				continue;
			}
			// The event log may be a moment late, but one step of this machine is in progress.
			const now = await update.inProgress(
				onMachine.filter((name) => !passed.has(name)),
			);
			if (now.includes(step.name)) {
				happened = true;
				await happen();
			} else {
				if (isOnce) for (const name of now) passed.add(name);
				// The next gate is set before this one opens, so that nothing passes between them.
				const next = await host.gate(options);
				await gate.open();
				gate = next;
			}
		}
	};
	const watched = watch().finally(() => gate.open());
	// `over` reports its error. Until then it must not end this process.
	watched.catch(() => undefined);
	return {
		hasHappened: async () => happened,
		over: async () => {
			await watched;
			await host.atRest();
		},
		mend: async () => undefined,
	};
}

/** A wait of a fixed time has no host. */
async function killInLocalStep({ step, update }: Scene): Promise<Armed> {
	let happened = false;
	const started = update.inProgress([step.name]).then((names) => {
		happened = names.length > 0;
		if (happened) update.kill();
	});
	return {
		hasHappened: async () => happened,
		over: () => started,
		mend: async () => undefined,
	};
}

async function hangService(scene: Scene): Promise<Armed> {
	const host = hostOf(scene);
	let before = 0;
	const armed = await ambush(
		scene,
		pauseGate(scene.step, "before"),
		async () => {
			before = (await host.cycles()).length;
			await host.set({ pause: "hang" });
		},
	);
	return {
		...armed,
		over: async () => {
			await armed.over();
			if (!(await armed.hasHappened())) return;
			// The service begins its cycle in the end, after Pulumi has given up.
			const end = Date.now() + 60_000;
			while ((await host.cycles()).length === before) {
				if (Date.now() > end)
					throw new Error(
						`rehearse: the service of ${scene.step.entry?.name} should begin its cycle late, got none within 60 s; see ${host.dir}/lab/service.log`,
					);
				await pause(100);
			}
		},
		mend: () => host.set({ pause: "kick" }),
	};
}

async function failProgram(scene: Scene): Promise<Armed> {
	const { step, number = 0 } = scene;
	const host = hostOf(scene);
	await host.set({ programFault: `${callOf(step)}:${number}` });
	return {
		...fromTheStart(scene),
		mend: () => host.set({ programFault: "" }),
	};
}

async function switchOff(scene: Scene): Promise<Armed> {
	const { step, steps } = scene;
	const host = hostOf(scene);
	let isOff = false;
	const off = async () => {
		await host.stopServer();
		isOff = true;
	};
	const first = steps.find(({ machine }) => machine === step.machine);
	if (first === step) await off();
	const armed =
		first === step
			? fromTheStart(scene)
			: await ambush(scene, SESSION, async () => {
					await off();
					await host.cutConnections();
					// Over Samba the call that is blocked is only a log-in.
					if (host instanceof LabHost) host.killScript({ children: true });
				});
	return {
		...armed,
		mend: async () => {
			if (isOff) await host.startServer();
			isOff = false;
		},
	};
}

async function useWrongCredential(scene: Scene): Promise<Armed> {
	const { step, stack, folder } = scene;
	const { entry, key } = credentialOf(step);
	const right = scene.credentials[entry]?.[key] as string;
	const file = rightCredentialFile(folder, step);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, right, { mode: 0o600 });
	const set = async (value: string) => {
		const credentials = await stack.configured("credentials");
		credentials[entry][key] = value;
		await stack.configure({ credentials });
	};
	await set(key === "privateKey" ? await newKey(`${file}-wrong`) : "wrong");
	const armed = fromTheStart(scene);
	return {
		...armed,
		// The operator corrects it, unless nothing has happened.
		mend: async () => {
			if (!(await armed.hasHappened())) await set(right);
		},
	};
}

/** Makes a private key that no host accepts. */
async function newKey(file: string): Promise<string> {
	await rm(file, { force: true });
	await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
	return readFile(file, "utf8");
}

/** An accident whose cause exists before the update begins. */
const fromTheStart = ({ step, update, ...scene }: Scene): Armed => ({
	hasHappened: () => update.hasFailed(step.name),
	over: () => hostOf({ step, ...scene }).atRest(),
	mend: async () => undefined,
});
