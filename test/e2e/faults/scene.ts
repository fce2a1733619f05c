import type { AnyHost } from "../../lab/any-host.ts";
import type { Run, Stack } from "../../stack.ts";
import { type AnyOptions, type Bench, declare } from "../fixture.ts";
import { type Accident, breakOff } from "./accidents.ts";
import type { Point } from "./points.ts";

/** The settings of `onUncertain`. */
export const ANSWERS = ["fail", "retry", "accept"] as const;
export type Answer = (typeof ANSWERS)[number];

/** Kinds of host, by a short name. Every fault is tried on all of them. */
export type Kinds = Record<string, AnyOptions>;

/** Hosts with an SSH server: one with reg.exe, and one like a German NT 4 with code page 850. */
export const SSH_KINDS: Kinds = {
	REG: { transport: "ssh", make: "reg", language: "en" },
	NT4: { transport: "ssh", make: "nt4", language: "de" },
};

/** A host with one setting of `onUncertain`. */
export interface Member {
	name: string;
	kind: string;
	onUncertain: Answer;
	host: AnyHost;
	/** The number of cycles before the last request. */
	before: number;
}

/** One stack with a host of each kind for each `onUncertain`. A fault affects all of them at the same time. */
export class Scene {
	readonly stack: Stack;
	readonly members: readonly Member[];
	#trigger = 0;
	#taken = false;

	private constructor(stack: Stack, members: readonly Member[]) {
		this.stack = stack;
		this.members = members;
	}

	static async make(bench: Bench, kinds = SSH_KINDS): Promise<Scene> {
		const members = await Promise.all(
			Object.entries(kinds).flatMap(([kind, options]) =>
				ANSWERS.map(async (onUncertain) => ({
					name: `${onUncertain.toUpperCase()}-${kind}`,
					kind,
					onUncertain,
					host: await bench.anyHost(options),
					before: 0,
				})),
			),
		);
		const scene = new Scene(await bench.stack(), members);
		await scene.wish();
		await scene.stack.must("up", "--yes", "--skip-preview");
		return scene;
	}

	/** Runs one test at a time: if an earlier test has timed out and is still running, the next one fails at once. */
	async alone(work: () => Promise<void>): Promise<void> {
		if (this.#taken)
			throw new Error(
				"an earlier test of this file ran out of its time and still uses these hosts; check the result of that test",
			);
		this.#taken = true;
		await work().finally(() => {
			this.#taken = false;
		});
	}

	get hosts(): AnyHost[] {
		return this.members.map(({ host }) => host);
	}

	/** Requests a new cycle on every host. Kicks are counted from here. */
	async wish(): Promise<void> {
		this.#trigger += 1;
		for (const member of this.members)
			member.before = (await member.host.cycles()).length;
		await this.declare();
	}

	/** Writes the stack file. `answers` overrides `onUncertain` of single hosts. */
	async declare(answers = new Map<Member, Answer>()): Promise<void> {
		await declare(
			this.stack,
			...this.members.map((member) => ({
				name: member.name,
				host: member.host,
				more: {
					cycle: {
						triggers: [`wish ${this.#trigger}`],
						onUncertain: answers.get(member) ?? member.onUncertain,
					},
				},
			})),
		);
	}

	/** Interrupts an update at the same point on every host. */
	breakOff(point: Point, accident: Accident) {
		const places = this.hosts.map((host) => ({ host, point }));
		return breakOff(this.stack, places, accident);
	}
}

/** The number of cycles since the last request. */
export async function kicks({ host, before }: Member): Promise<number> {
	return (await host.cycles()).length - before;
}

/** The result of one host's kick in the output of an update: the code of a failure, or the kind of success. */
export function told({ output }: Run, { name }: Member): string {
	const failure = new RegExp(`^\\s*${name}, kick: .*?\\[([a-z-]+)`, "m").exec(
		output,
	);
	if (failure) return failure[1] as string;
	const own = output
		.split("\n")
		.filter((line) => line.includes(`${name}-cycle`))
		.join("\n");
	if (own.includes("was already started")) return "already started";
	if (own.includes("accepted as done")) return "accepted as done";
	if (/T1 started: .*unknown/.test(own)) return "started, with a warning";
	if (own.includes("T1 started")) return "started";
	return "nothing to do";
}
