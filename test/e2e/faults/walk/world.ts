import assert from "node:assert/strict";
import type { AnyHost } from "../../../lab/any-host.ts";
import type { Run, Stack } from "../../../stack.ts";
import { Bench, declare, runs, transportOf } from "../../fixture.ts";
import { judge, type Known, know } from "./judge.ts";
import {
	type HostModel,
	type Model,
	type Setting,
	type Target,
	up,
	type Visit,
} from "./model.ts";

/** The real side of a walk: its own hosts and stack. */
export class World {
	readonly stack: Stack;
	/** The commands so far. */
	readonly trail: string[] = [];
	/** The last output of the CLI. */
	printed = "";
	/** `cycle.onUncertain` in the stack file. */
	onUncertain: "retry" | "accept" | undefined;
	readonly #bench: Bench;
	readonly #settings: Setting[];
	readonly #signal: AbortSignal | undefined;
	readonly #hosts = new Map<number, Known>();

	private constructor(
		stack: Stack,
		bench: Bench,
		settings: Setting[],
		signal: AbortSignal | undefined,
	) {
		this.stack = stack;
		this.#bench = bench;
		this.#settings = settings;
		this.#signal = signal;
	}

	static async open(settings: Setting[], signal?: AbortSignal): Promise<World> {
		const bench = new Bench();
		try {
			return new World(await bench.stack(), bench, settings, signal);
		} catch (error) {
			await bench.end();
			throw error;
		}
	}

	end(): Promise<void> {
		return this.#bench.end();
	}

	/** Returns a host, and starts it at the first call. */
	async lab({ id }: HostModel): Promise<AnyHost> {
		const known = this.#hosts.get(id) ?? (await this.#start(id));
		return known.lab;
	}

	/** Runs `pulumi up` for all resources or for one. It must succeed or fail as in the model. */
	async up(model: Model, target?: Target): Promise<string> {
		const args = target ? ["--target", await this.urn(target)] : [];
		return this.update(model, up(model, target), ...args);
	}

	/** Runs `pulumi up` with the given arguments. It must make exactly these logins. */
	async update(
		model: Model,
		visits: Visit[],
		...args: string[]
	): Promise<string> {
		await this.declare(model);
		// Otherwise a failure on one host makes the results of the other hosts unpredictable.
		if (visits.some(({ code }) => code)) args.push("--continue-on-error");
		return this.run(visits, "up", "--yes", "--skip-preview", ...args);
	}

	/** Runs the CLI. It must make exactly these logins, and fail with their codes. */
	async run(visits: Visit[], ...args: string[]): Promise<string> {
		const before = await this.#logins();
		const { output, exitCode } = await this.pulumi(...args);
		const failures = visits.filter(({ code }) => code);
		for (const { host, code } of failures)
			assert.match(output, new RegExp(`${host.name}, kick: .*\\[${code}`));
		assert.equal(exitCode !== 0, failures.length > 0, `exit code ${exitCode}`);
		for (const [id, logins] of await this.#logins())
			assert.equal(
				logins - (before.get(id) ?? 0),
				visits.filter(({ host }) => host.id === id).length,
				`log-ins to host ${id}`,
			);
		return output;
	}

	async pulumi(...args: string[]): Promise<Run> {
		const run = await this.stack.pulumi(...args);
		this.printed = `$ pulumi ${args.join(" ")}\n${run.output}`;
		return run;
	}

	/** Runs the CLI. A failure ends the walk. */
	async must(...args: string[]): Promise<void> {
		const { exitCode } = await this.pulumi(...args);
		assert.equal(exitCode, 0, `pulumi ${args.join(" ")} failed`);
	}

	/** Adds a command to the trail. Throws if the walk was aborted. */
	begin(command: string): void {
		this.#signal?.throwIfAborted();
		this.trail.push(command);
	}

	/** Adds a note to the running command in the trail. */
	note(text: string): void {
		this.trail.push(`${this.trail.pop()} (${text})`);
	}

	/** Writes the stack file of the model. */
	async declare({ hosts, verify }: Model): Promise<void> {
		const entries = [];
		for (const host of hosts.filter(({ declared }) => declared)) {
			const lab = await this.lab(host);
			const { kind, access } = transportOf(lab);
			const address = {
				...access,
				...(host.moved && { host: lab.otherAddress }),
			};
			const role = this.#settings[host.id]?.role;
			const { wish, name } = host;
			const cycle = { triggers: [wish], onUncertain: this.onUncertain };
			const more = { role, [kind]: address, ...(wish && { cycle }) };
			entries.push({ name, host: lab, more });
		}
		await declare(this.stack, ...entries);
		await this.stack.configure({ verify: `look-${verify}` });
	}

	async urn({ host, part }: Target): Promise<string> {
		const { output } = await this.stack.must("stack", "--show-urns");
		const name = part === "trigger" ? `${host.name}-cycle` : host.name;
		const pattern = new RegExp(
			`urn:\\S+(?:remote|local):Command::${name}(?=\\s)`,
		);
		const [urn] = output.match(pattern) ?? [];
		assert.ok(urn, `no resource ${name} in\n${output}`);
		return urn;
	}

	/** Compares every host that was started with the model. */
	async judge({ hosts }: Model): Promise<void> {
		for (const [id, known] of this.#hosts)
			await judge(hosts[id] as HostModel, known);
	}

	async #start(id: number): Promise<Known> {
		const { kind, role, original } = this.#settings[id] as Setting;
		const lab = await this.#bench.anyHost({
			...{ ...kind, role, pauseKicksDX: original },
		});
		const known = await know(lab, role);
		this.#hosts.set(id, known);
		return known;
	}

	async #logins(): Promise<Map<number, number>> {
		const logins = new Map<number, number>();
		for (const [id, { lab }] of this.#hosts) logins.set(id, await runs(lab));
		return logins;
	}
}
