import { readFile } from "node:fs/promises";

/** One event of the MSExchangeDX service: `start kicks=1`, `pause`, `cycle T1`, `continue`, `stop`, ... */
export interface LogLine {
	time: Date;
	/** The service's process: another one after every start. */
	pid: number;
	event: string;
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
