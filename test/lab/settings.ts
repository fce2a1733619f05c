import { readFile, rename, writeFile } from "node:fs/promises";

/**
 * How a host's stand-ins behave. They read the settings at each event, so a test can change them while the host runs.
 */
export interface HostSettings {
	/** The cycle that a pause starts: T1 if Exchange is a requestor, T2 if it is the dirsync server. */
	role: "requestor" | "server";
	/**
	 * `kick`: a cycle runs, and the service stays running. `really`: the service pauses. `hang`: the cycle runs after
	 * hangSeconds. `dies`: a cycle runs, and the service ends before the pause is answered.
	 */
	pause: "kick" | "really" | "hang" | "dies";
	/** `fail`: a service that has really paused stays paused, and the answer is 3538. */
	continue: "normal" | "fail";
	/** Above 10 the control manager gives up with 1053 before the cycle starts. */
	hangSeconds: number;
	/** `refuse`: the service runs on. `hang`: it stays in STOP_PENDING. */
	stop: "normal" | "refuse" | "hang";
	/** `fail`: the service ends at once with error 2140. */
	start: "normal" | "fail";
	stopSeconds: number;
	startSeconds: number;
	/** Whether NT 4's regedit supports `"X"=-` and `[-KEY]`; the sources disagree. */
	regeditDeletes: "yes" | "no";
	/** net.exe delivers this control and never returns. */
	netHangs: "" | Control;
	/** net.exe delivers no control and fails with this number: `pause:2189`, `start:2140`, `pause:4711`. */
	netAnswers: "" | `${Control}:${number}`;
	/** A pause is delivered and starts a cycle, but the answer has this number instead of 3539. */
	pauseAnswers: "" | `${number}`;
	/**
	 * `denied`: net.exe answers each control with system error 5, and NT 4's regedit imports nothing and prints nothing.
	 * Wine's own registry tools on a host of the make reg still work.
	 */
	access: "full" | "denied";
	/**
	 * `full:` and a text: NT 4's regedit imports no file that contains this text, and prints nothing, as with a full
	 * hive. `unreadable:` and a text: NT 4's regedit exports no key whose name contains this text.
	 */
	registry: "normal" | `full:${string}` | `unreadable:${string}`;
	/**
	 * A part of the call of a post office's program, and the fault of such a call:
	 * - `srvmain -r:156` prints that number and does nothing (`bare`: without brackets, `padded`: with blanks in them)
	 * - `import:hangs 20` waits before it does anything
	 * - `reqmain -t -dx:dies` ends between two of its writes
	 * - `rebuild:foreign` does everything, but its output is no readable text
	 */
	programFault:
		| ""
		| `${string}:${number}`
		| `${string}:${number} ${"bare" | "padded"}`
		| `${string}:hangs ${number}`
		| `${string}:${"dies" | "foreign"}`;
}

/** A verb of net.exe that sends a control. */
export type Control = "start" | "stop" | "pause" | "continue";

export const DEFAULT_SETTINGS: HostSettings = {
	role: "requestor",
	pause: "kick",
	continue: "normal",
	hangSeconds: 15,
	stop: "normal",
	start: "normal",
	stopSeconds: 0,
	startSeconds: 0,
	regeditDeletes: "yes",
	netHangs: "",
	netAnswers: "",
	pauseAnswers: "",
	access: "full",
	registry: "normal",
	programFault: "",
};

/** Changes some settings in the file that the stand-ins read. The file is replaced in one step. */
export async function changeSettings(
	file: string,
	changes: Partial<HostSettings>,
): Promise<void> {
	const before = await readFile(file, "utf8").catch(() => "");
	const lines = new Map(
		before
			.split("\n")
			.filter(Boolean)
			.map((line): [string, string] => {
				const [name = ""] = line.split("=", 1);
				return [name, line.slice(name.length + 1)];
			}),
	);
	for (const [name, value] of Object.entries(changes))
		lines.set(name, String(value));
	const text = [...lines].map(([name, value]) => `${name}=${value}\n`).join("");
	await writeFile(`${file}.new`, text);
	await rename(`${file}.new`, file);
}
