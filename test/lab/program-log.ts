import { readLog } from "./service-log.ts";

/** A call of a post office's program, from begin to end. It has no end if it was killed, died or hangs. */
export interface ProgramCall {
	/** `REQMAIN`, `SRVMAIN`, `IMPORT`, `REBUILD`; `FORCEDOS` if it found no program. */
	program: string;
	/** The arguments as given, but a password is `-p***`. */
	args: string;
	cwd: string;
	from: Date;
	to?: Date;
	exit?: number;
	/** For an IMPORT that came to the check of its password. */
	password?: "right" | "wrong";
}

/** The calls of the programs, in the order of their begin. */
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
