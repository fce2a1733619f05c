import { expect } from "vitest";
import type { AnyHost } from "../../lab/any-host.ts";
import { DEFAULT_SETTINGS, type HostSettings } from "../../lab/settings.ts";
import type { Run, Stack } from "../../stack.ts";
import {
	type AnyOptions,
	type Bench,
	declare,
	RECORD,
	SERVICE,
} from "../fixture.ts";

/** A fault of the host, the message of the update, the number of cycles after it, and the final number of cycles. */
export type KickCase = [
	trouble: Partial<HostSettings>,
	says: RegExp,
	cycles: number,
	inTheEnd: number,
];

/** A fault of the host, and the message of the update. */
export type EnforceCase = [trouble: Partial<HostSettings>, says: RegExp];

/** Matches a complete message line: host, step, what happened, code, number, what to do. */
const line =
	(step: string) =>
	(code: string, number = "") =>
		new RegExp(
			`^ *EXCH01, ${step}: [^\\n]+ \\[${code}${number && `, Windows ${number}`}\\]\\. [A-Z][^\\n]+\\.$`,
			"m",
		);
export const kick = line("kick");
export const registry = line("registry");

/** A stack with one host, EXCH01, on which steps fail. */
export class Trial<H extends AnyHost = AnyHost> {
	readonly host: H;
	readonly stack: Stack;
	#wishes = 0;

	private constructor(host: H, stack: Stack) {
		this.host = host;
		this.stack = stack;
	}

	/** Creates the stack and runs a first, successful update. */
	static async make<H extends AnyHost>(
		bench: Bench,
		options: AnyOptions,
	): Promise<Trial<H>> {
		const host = (await bench.anyHost(options)) as H;
		const trial = new Trial(host, await bench.stack());
		await trial.declare();
		await trial.stack.must("up", "--yes", "--skip-preview");
		return trial;
	}

	declare(onUncertain = "fail"): Promise<void> {
		const cycle = { triggers: [`wish ${this.#wishes}`], onUncertain };
		return declare(this.stack, {
			name: "EXCH01",
			host: this.host,
			more: { cycle },
		});
	}

	/** Changes the trigger, so that the next update sends a kick. */
	wish(): Promise<void> {
		this.#wishes += 1;
		return this.declare();
	}

	/** Changes `verify`, so that the next update inspects the host. */
	look(): Promise<void> {
		this.#wishes += 1;
		return this.stack.configure({ verify: `look ${this.#wishes}` });
	}

	async cycles(): Promise<number> {
		return (await this.host.cycles()).length;
	}

	/** Runs an update that must fail with a message. */
	async fails(says: RegExp): Promise<Run> {
		const run = await this.stack.up();
		expect(run.exitCode).not.toBe(0);
		expect(run.output).toMatch(says);
		// The output contains neither the script nor a stack trace.
		expect(run.output).not.toMatch(/(net|service) pause MSEx|^\s+at /m);
		return run;
	}

	/** Removes the fault, and runs an update that must succeed. */
	async mend(onUncertain = "fail"): Promise<void> {
		await this.host.set(DEFAULT_SETTINGS);
		await this.declare(onUncertain);
		await this.stack.must("up", "--yes", "--skip-preview");
	}

	kickFails = async (...[trouble, says, now, inTheEnd]: KickCase) => {
		const before = await this.cycles();
		await this.wish();
		await this.host.set(trouble);
		await this.fails(says);
		expect((await this.cycles()) - before).toBe(now);
		await this.mend(now > 0 ? "accept" : "retry");
		expect((await this.cycles()) - before).toBe(inTheEnd);
	};

	enforcementFails = async (...[trouble, says]: EnforceCase) => {
		const before = await this.cycles();
		await this.host.setRegistry(SERVICE, "PauseKicksDX", undefined);
		await this.look();
		await this.host.set(trouble);
		await this.fails(says);
		await this.host.set(DEFAULT_SETTINGS);
		await this.stack.must("up", "--yes", "--skip-preview");
		expect(await this.host.registryValue(SERVICE, "PauseKicksDX")).toBe(
			"dword:00000001",
		);
		expect((await this.host.serviceLog()).at(-1)?.event).toBe("start kicks=1");
		expect(await this.cycles()).toBe(before);
	};
}

/** Checks that a destroy reports a value that it cannot restore, and that a later one restores it. @returns the host */
export async function restoreFails(
	bench: Bench,
	options: AnyOptions,
): Promise<AnyHost> {
	const odd = await bench.anyHost({
		...options,
		pauseKicksDX: "dword:00000000",
	});
	const other = await bench.stack();
	await declare(other, { name: "EXCH01", host: odd });
	await other.must("up", "--yes", "--skip-preview");
	await odd.set({ registry: 'full:"PauseKicksDX"=dword:00000000' });
	const { exitCode, output } = await other.destroy();
	expect(exitCode).not.toBe(0);
	expect(output).toMatch(registry("not-restored"));
	await odd.set(DEFAULT_SETTINGS);
	expect((await other.destroy()).exitCode).toBe(0);
	expect(await odd.registryValue(SERVICE, "PauseKicksDX")).toBe(
		"dword:00000000",
	);
	expect(await odd.registryDump(RECORD)).toBeUndefined();
	return odd;
}
