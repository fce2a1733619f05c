/** Looks at every process of this machine again and again until stdin ends; started by process-watch.ts. */
import { readdirSync, readFileSync } from "node:fs";

const EVERY_MS = 20;

const seen = new Map<string, { command: string; environment: string }>();
let samples = 0;
let asked = false;
let ended = false;

/** A process may be gone before it is read. */
function read(pid: string, what: string): string {
	try {
		return readFileSync(`/proc/${pid}/${what}`, "latin1");
	} catch {
		return "";
	}
}

/** The environment is read once for each program that a process runs: it stays what it was at the program's start. */
function sample(): void {
	for (const pid of readdirSync("/proc")) {
		if (!/^\d+$/.test(pid)) continue;
		const command = read(pid, "cmdline");
		const key = `${pid} ${command}`;
		if (!command || seen.has(key)) continue;
		seen.set(key, { command, environment: read(pid, "environ") });
	}
	samples += 1;
}

function turn(): void {
	const answer = asked;
	asked = false;
	sample();
	if (answer) console.log("sampled");
	if (!ended) setTimeout(turn, EVERY_MS);
	else console.log(JSON.stringify({ samples, seen: [...seen.values()] }));
}

process.stdin.on("data", () => {
	asked = true;
});
process.stdin.on("end", () => {
	ended = true;
});
turn();
