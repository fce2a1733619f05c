import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { AnyHost } from "../../../lab/any-host.ts";
import { descendants, end, type Process } from "../../../lab/processes.ts";
import { events, runs } from "../../fixture.ts";
import { drives, killScript } from "../accidents.ts";
import { starts } from "./judge.ts";
import { type HostModel, type Model, up } from "./model.ts";
import type { World } from "./world.ts";

/** When an update is interrupted: a delay after an event in its output or on the host. */
export interface Moment {
	behind:
		| "the call"
		| "a log-in"
		| "the second log-in"
		| "a stop"
		| "a restart"
		| "a pause"
		| "the trigger's last line";
	ms: number;
}

/** What is killed: the engine; also the command plugin, which cuts the connection; also the scripts on the hosts. */
export type Victim =
	| "the engine"
	| "engine and plugin"
	| "engine, plugin and script"
	| "all of it, programs on the host included,";

/**
 * Interrupts the update that the model expects next, runs the steps of docs/troubleshooting.md, and repeats the update
 * until it succeeds, with exactly the cycles of the model.
 */
export async function breakOff(
	model: Model,
	world: World,
	host: HostModel,
	moment: Moment,
	victim: Victim,
): Promise<void> {
	const before = model.hosts.map((each) => each.starts);
	up(model);
	await world.declare(model);
	const orphans = await kill(world, await world.lab(host), moment, victim);
	try {
		await world.stack.wayBack();
		await finish(model, world, host);
	} finally {
		end(orphans);
	}
	if (world.onUncertain) {
		world.onUncertain = undefined;
		await world.update(model, []);
	}
	for (const each of model.hosts)
		await adoptRestarts(each, before[each.id] ?? 0, world);
}

/**
 * Runs updates until one succeeds. An update fails with `busy` while the earlier script is still running. It may ask
 * once about an unknown outcome.
 */
async function finish(
	model: Model,
	world: World,
	host: HostModel,
): Promise<void> {
	const lab = await world.lab(host);
	for (let tries = 0; tries < 60; tries++) {
		await world.declare(model);
		const run = await world.pulumi("up", "--yes", "--skip-preview");
		if (run.exitCode === 0) return;
		if (run.output.includes("[busy]")) {
			world.note("busy");
			continue;
		}
		assert.match(run.output, /\[outcome-unknown\]/);
		assert.equal(
			world.onUncertain,
			undefined,
			"it was uncertain a second time",
		);
		const ran = (await lab.cycles()).length === host.kicks;
		world.onUncertain = ran ? "accept" : "retry";
		world.note(`asked, ${world.onUncertain}`);
	}
	assert.fail("the host stays busy");
}

/** @returns the processes that the engine had started */
async function kill(
	world: World,
	lab: AnyHost,
	moment: Moment,
	victim: Victim,
): Promise<Process[]> {
	const reached = await watch(lab, moment);
	const run = world.stack.start(["up", "--yes", "--skip-preview"]);
	let output = "";
	run.all.on("data", (chunk) => {
		output += chunk;
	});
	while (run.exitCode === null && !(await reached(output))) await pause(10);
	await Promise.race([run, pause(moment.ms)]);
	const children = descendants(run.pid);
	run.kill("SIGKILL");
	// A script on this machine continues to run after the plugin that started it.
	if (victim !== "the engine") end(children.filter((one) => !drives(one)));
	if (victim.includes("script")) killScript(lab, children);
	if (victim.includes("programs"))
		killScript(lab, children, { children: true });
	const { exitCode } = await run;
	world.printed = `$ pulumi up, broken off\n${output}`;
	world.note(exitCode === undefined ? "broken off" : "too late");
	return children;
}

/** @returns a function that reports whether the moment has come, from the output so far */
async function watch(
	lab: AnyHost,
	{ behind }: Moment,
): Promise<(output: string) => Promise<boolean>> {
	const logins = await runs(lab);
	const seen = (await events(lab)).length;
	const happened = async (event: string) =>
		(await events(lab)).slice(seen).includes(event);
	switch (behind) {
		case "the call":
			return async () => true;
		case "a log-in":
			return async () => (await runs(lab)) > logins;
		case "the second log-in":
			return async () => (await runs(lab)) > logins + 1;
		case "a stop":
			return () => happened("stop");
		case "a restart":
			return () => happened("start kicks=1");
		case "a pause":
			return () => happened("pause");
		case "the trigger's last line":
			return async (output) => /-cycle creat.* started: net /.test(output);
	}
}

/** A restart that was pending at the interruption may be repeated once. Nothing else restarts the service. */
async function adoptRestarts(
	host: HostModel,
	before: number,
	world: World,
): Promise<void> {
	if (host.starts === before) return;
	const now = await starts(await world.lab(host));
	assert.ok(
		now === host.starts || now === host.starts + 1,
		`${host.name}: ${now} starts of the service instead of ${host.starts}`,
	);
	host.starts = now;
}
