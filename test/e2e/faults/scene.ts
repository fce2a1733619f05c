import type { AnyHost } from "../../lab/any-host.ts";
import type { Run, Stack } from "../../stack.ts";
import { type AnyOptions, type Bench, declare } from "../fixture.ts";
import { type Accident, breakOff } from "./accidents.ts";
import type { Point } from "./points.ts";

/** What an update may be told to do about an earlier one of unknown outcome. */
export const ANSWERS = ["fail", "retry", "accept"] as const;
export type Answer = (typeof ANSWERS)[number];

/** Kinds of host that every fault befalls alike, by a word for each. */
export type Kinds = Record<string, AnyOptions>;

/** With an SSH server: one with reg.exe, and one as NT 4 is, in German and code page 850. */
export const SSH_KINDS: Kinds = {
	REG: { way: "ssh", make: "reg", language: "en" },
	NT4: { way: "ssh", make: "nt4", language: "de" },
};

/** A host that is set to one answer. */
export interface Member {
	name: string;
	kind: string;
	onUncertain: Answer;
	host: AnyHost;
	/** Cycles that had run when the last wish was made. */
	before: number;
}

/** One stack with a host of each kind for each `onUncertain`: every fault befalls all of them at once. */
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

	/** One test at a time: where one ran out of its time and is still at work, the next fails at once and does no harm. */
	async alone(work: () => Promise<void>): Promise<void> {
		if (this.#taken)
			throw new Error(
				"an earlier test of this file ran out of its time and still uses these hosts; see what became of that one",
			);
		this.#taken = true;
		await work().finally(() => {
			this.#taken = false;
		});
	}

	get hosts(): AnyHost[] {
		return this.members.map(({ host }) => host);
	}

	/** A new wish for a cycle on every host. From here kicks are counted. */
	async wish(): Promise<void> {
		this.#trigger += 1;
		for (const member of this.members)
			member.before = (await member.host.cycles()).length;
		await this.declare();
	}

	/** Writes the stack file; the user may answer a question otherwise than the host is set to. */
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

	/** Breaks an update off, at the same point on every host. */
	breakOff(point: Point, accident: Accident) {
		const places = this.hosts.map((host) => ({ host, point }));
		return breakOff(this.stack, places, accident);
	}
}

/** Cycles since the last wish. */
export async function kicks({ host, before }: Member): Promise<number> {
	return (await host.cycles()).length - before;
}

/** What an update said of one host's kick: the code of a failure, or how it went well. */
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
