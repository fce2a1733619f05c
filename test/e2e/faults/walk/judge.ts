import assert from "node:assert/strict";
import type { AnyHost } from "../../../lab/any-host.ts";
import { events, footprint, otherValues, SERVICE } from "../../fixture.ts";
import type { HostModel } from "./model.ts";

/** A lab host and its state before the walk. */
export interface Known {
	lab: AnyHost;
	cycle: "T1" | "T2";
	footprint: Awaited<ReturnType<typeof footprint>>;
	others: string;
}

export async function know(
	lab: AnyHost,
	role: "requestor" | "server",
): Promise<Known> {
	return {
		lab,
		cycle: role === "server" ? "T2" : "T1",
		footprint: await footprint(lab),
		others: await otherValues(lab),
	};
}

/** Compares the state of a lab host with the model. */
export async function judge(host: HostModel, known: Known): Promise<void> {
	const { name } = host;
	const left = await footprint(known.lab);
	assert.deepEqual(
		{ [name]: await seen(known.lab, left) },
		{ [name]: expected(host, known) },
	);
	if (!host.enforced) assert.deepEqual(left, known.footprint);
}

/** The number of starts of the service since the host was created. */
export async function starts(lab: AnyHost): Promise<number> {
	return (await events(lab)).filter((event) => event.startsWith("start"))
		.length;
}

async function seen(lab: AnyHost, { files, lock }: Known["footprint"]) {
	const log = await events(lab);
	return {
		value: await lab.registryValue(SERVICE, "PauseKicksDX"),
		service: log.filter((event) => /^(start|stop|paused)/.test(event)).at(-1),
		starts: await starts(lab),
		// Every pause, and its effect.
		kicks: log.filter((event) => /^(pause|cycle|continue)/.test(event)),
		others: await otherValues(lab),
		files,
		lock,
		labErrors: await lab.labErrors(),
	};
}

function expected(
	host: HostModel,
	known: Known,
): Awaited<ReturnType<typeof seen>> {
	return {
		value: host.value,
		service:
			host.service === "stopped"
				? "stop"
				: `start kicks=${host.service === "knows" ? 1 : 0}`,
		starts: host.starts,
		kicks: Array(host.kicks)
			.fill(["pause", `cycle ${known.cycle}`])
			.flat(),
		others: known.others,
		files: known.footprint.files,
		lock: known.footprint.lock,
		labErrors: [],
	};
}
