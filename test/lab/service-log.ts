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
