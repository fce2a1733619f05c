import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Run, Stack } from "../stack.ts";
import { Fleet } from "./fleet.ts";
import { type JumpHost, startJumpHost } from "./jump-host.ts";
import { hostsOf } from "./pulumi-sides.ts";

/** Hosts behind one jump host. Every 20th is unreachable, and every 20th is slow. */
export class Overload {
	readonly fleet: Fleet;
	readonly jump: JumpHost;
	/** The indexes of the hosts. */
	readonly unreachable: number[];

	private constructor(fleet: Fleet, jump: JumpHost) {
		this.fleet = fleet;
		this.jump = jump;
		this.unreachable = every20th(fleet, 7);
	}

	static async start(
		dir: string,
		{
			ports,
			jumpPort,
			slowMs,
		}: { ports: number[]; jumpPort: number; slowMs: number },
	): Promise<Overload> {
		await mkdir(dir, { recursive: true });
		const fleet = await Fleet.start(join(dir, "hosts"), ports);
		const jump = await startJumpHost(join(dir, "jump"), jumpPort);
		const overload = new Overload(fleet, jump);
		for (const host of every20th(fleet, 13)) await fleet.set(host, { slowMs });
		await overload.reach(false);
		return overload;
	}

	/** Makes the unreachable hosts reachable, or unreachable again. */
	async reach(all: boolean): Promise<void> {
		for (const host of this.unreachable)
			await this.fleet.set(host, { unreachable: !all });
	}

	/** Declares all hosts, or those from one index up to another one, which is excluded. */
	async declare(stack: Stack, from = 0, to?: number): Promise<void> {
		const { fleet, jump } = this;
		await stack.setSecret("credentials.default.privateKey", fleet.privateKey);
		await stack.setSecret(
			"credentials.default.proxy.privateKey",
			jump.privateKey,
		);
		const hosts = hostsOf(fleet.doors, () => "a");
		await stack.configure({
			hosts: hosts.slice(from, to).map((host) => ({
				...host,
				ssh: { ...host.ssh, proxy: jump.ssh },
			})),
		});
	}

	/** The effect of updates, as counted by the hosts and not by the stacks. */
	async judge(...runs: Pick<Run, "output">[]) {
		const { doors } = this.fleet;
		const diagnostics = runs
			.map(({ output }) => output.slice(output.indexOf("\nDiagnostics:")))
			.join("\n");
		const counts = await this.fleet.counts();
		const names = (of: (index: number) => boolean) =>
			doors.filter((_, index) => of(index)).map(({ name }) => name);
		const kicked = (kicks: number) =>
			names((index) => counts[index]?.kicks === kicks);
		return {
			once: kicked(1),
			never: kicked(0),
			/** The hosts for which the update reports an error. */
			named: names((index) =>
				new RegExp(
					`command:remote:Command \\(${doors[index]?.name}(-cycle)?\\)`,
				).test(diagnostics),
			),
			refused: counts.reduce((sum, { refused }) => sum + refused, 0),
			strange: counts.flatMap(({ unknown }) => unknown),
			jump: await this.jump.seen(),
		};
	}

	async stop(): Promise<void> {
		await this.fleet.stop();
		await this.jump.stop();
	}
}

const every20th = ({ doors }: Fleet, first: number): number[] =>
	doors.map((_, index) => index).filter((index) => index % 20 === first);
