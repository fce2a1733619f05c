import { readFile } from "node:fs/promises";

/** One event of the MSExchangeDX service: `start kicks=1`, `pause`, `cycle T1`, `continue`, `stop`, ... */
export interface LogLine {
	time: Date;
	/** The service's process: another one after every start. */
	pid: number;
	event: string;
}

/** A control that a program asked for, from the request to the answer; without end where it was killed or hangs. */
export interface ControlLine {
	verb: string;
	from: Date;
	to?: Date;
}

/** What net.exe was asked for, in the order of its beginning, told from the log it keeps. */
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

/** The lines the stand-ins wrote, in order; none where nothing has happened yet. */
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
