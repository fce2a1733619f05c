import { readLog } from "./service-log.ts";

/** A call of a program of a post office, from its begin to its end; without end where it was killed, died or hangs. */
export interface ProgramCall {
	/** `REQMAIN`, `SRVMAIN`, `IMPORT`, `REBUILD`; `FORCEDOS` where it found no program. */
	program: string;
	/** As they were given, but a password is `-p***`. */
	args: string;
	cwd: string;
	from: Date;
	to?: Date;
	exit?: number;
	/** Of an IMPORT that came so far as to look. */
	password?: "right" | "wrong";
}

/** What the programs were asked for, in the order of its beginning. */
export async function readCalls(file: string): Promise<ProgramCall[]> {
	const calls: ProgramCall[] = [];
	const open = new Map<number, ProgramCall>();
	for (const { time, pid, event } of await readLog(file)) {
		const begin = /^begin (\S+) (.*) cwd=(.*)$/.exec(event);
		if (begin) {
			const [, program = "", args = "", cwd = ""] = begin;
			const call = { program, args, cwd, from: time };
			open.set(pid, call);
			calls.push(call);
			continue;
		}
		const call = open.get(pid);
		if (!call) continue;
		const [step, word = ""] = event.split(" ");
		if (step === "password") call.password = word as "right" | "wrong";
		if (step !== "end") continue;
		call.to = time;
		call.exit = Number(event.split("exit=")[1]);
		open.delete(pid);
	}
	return calls;
}
