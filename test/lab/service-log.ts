import { readFile } from "node:fs/promises";

/** One event of the MSExchangeDX service: `start kicks=1`, `pause`, `cycle T1`, `continue`, `stop`, ... */
export interface LogLine {
	time: Date;
	/** The service's process id, which differs after every start. */
	pid: number;
	event: string;
}

/** A control that a program requested, from request to answer. It has no end if the program was killed or hangs. */
export interface ControlLine {
	verb: string;
	from: Date;
	to?: Date;
}

/** The controls in the log of net.exe, in the order of their begin. */
export async function readControls(file: string): Promise<ControlLine[]> {
	const controls: ControlLine[] = [];
	const open = new Map<number, ControlLine>();
	for (const { time, pid, event } of await readLog(file)) {
		const [step, verb = ""] = event.split(" ");
		const begun: ControlLine | undefined =
			step === "begin" ? { verb, from: time } : open.get(pid);
		if (!begun) continue;
		if (step === "begin") controls.push(begun);
		else begun.to = time;
		open.set(pid, begun);
	}
	return controls;
}

/** The lines that the stand-ins wrote, in order; none if nothing has happened yet. */
export async function readLog(file: string): Promise<LogLine[]> {
	const text = await readFile(file, "utf8").catch(() => "");
	return text
		.split("\n")
		.filter(Boolean)
		.map((line) => {
			const [time = "", pid = "", ...event] = line.split(" ");
			return { time: new Date(time), pid: Number(pid), event: event.join(" ") };
		});
}

/** Formats one event of MSExchangeDX for a reader who does not know its log. */
export function formatEvent({
	time,
	event,
}: Pick<LogLine, "time" | "event">): string {
	const [known, text] = EVENTS.find(([each]) => each.test(event)) ?? [];
	return `${time.toISOString()}  ${known && text ? event.replace(known, text) : event}`;
}

/** The others are plain. Messages of directory synchronization have the numbers of the MS Mail programs. */
const EVENTS: readonly [RegExp, string][] = [
	[/^start kicks=(\d)$/, "started with PauseKicksDX $1"],
	[/^stop$/, "stopped"],
	[/^pause$/, "received a pause"],
	[/^says 105 (\d+)$/, "updates received: $1"],
	[/^says 106 (\d+)$/, "updates sent: $1"],
	[/^says 171 .*$/, "updates sent: none"],
	[/^says 1000 .*$/, "answers sent: none, as there was no request"],
	[/^applied (\d+)$/, "updates applied: $1"],
];
