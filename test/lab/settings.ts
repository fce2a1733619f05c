import { readFile, rename, writeFile } from "node:fs/promises";

/** How a host's stand-ins behave; they read it anew at each event, so it may change while the host runs. */
export interface HostSettings {
	/** What a pause starts: T1 where Exchange is a requestor, T2 where it is the dirsync server. */
	role: "requestor" | "server";
	/**
	 * `kick`: a cycle, and the service stays running. `really`: it pauses. `hang`: the cycle comes after hangSeconds.
	 * `dies`: a cycle, and the service ends before the pause is answered.
	 */
	pause: "kick" | "really" | "hang" | "dies";
	/** `fail`: a service that has really paused stays so, and the answer is 3538. */
	continue: "normal" | "fail";
	/** Above 10 the control manager gives up with 1053 before the kick comes. */
	hangSeconds: number;
	/** `refuse`: it goes on running. `hang`: it stays in STOP_PENDING. */
	stop: "normal" | "refuse" | "hang";
	/** `fail`: the service ends at once with error 2140. */
	start: "normal" | "fail";
	stopSeconds: number;
	startSeconds: number;
	/** Whether NT 4's regedit knows `"X"=-` and `[-KEY]`, about which sources disagree. */
	regeditDeletes: "yes" | "no";
	/** net.exe delivers this control and never returns. */
	netHangs: "" | Control;
	/** net.exe delivers nothing and fails with this number: `pause:2189`, `start:2140`, `pause:4711`. */
	netAnswers: "" | `${Control}:${number}`;
	/** A pause is delivered and kicks as ever, but is answered by this number in place of 3539. */
	pauseAnswers: "" | `${number}`;
	/**
	 * `denied`: net.exe answers each control with system error 5, and NT 4's regedit imports nothing, silently. A host of
	 * the make reg has Wine's own registry tools, which go on working.
	 */
	access: "full" | "denied";
	/** `full:` and a text: NT 4's regedit imports no file with this text in it, silently, as where the hive is full. */
	registry: "normal" | `full:${string}`;
	/**
	 * A part of the call of a post office's program, and what becomes of such a call: `srvmain -r:156` says that number and
	 * does nothing (`bare` without brackets, `padded` with blanks in them), `import:hangs 20` waits before it does anything, `reqmain -t -dx:dies` ends between two of the things it
	 * does, `rebuild:foreign` does all but what it prints is no text.
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

/** Changes some settings in the file that the stand-ins read, whole or not at all. */
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
