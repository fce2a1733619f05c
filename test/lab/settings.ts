import { readFile, rename, writeFile } from "node:fs/promises";

/** How a host's stand-ins behave; they read it anew at each event, so it may change while the host runs. */
export interface HostSettings {
	/** What a pause starts: T1 where Exchange is a requestor, T2 where it is the dirsync server. */
	role: "requestor" | "server";
	/** `kick`: a cycle, and the service stays running. `really`: it pauses. `hang`: the cycle comes after hangSeconds. */
	pause: "kick" | "really" | "hang";
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
}

export const DEFAULT_SETTINGS: HostSettings = {
	role: "requestor",
	pause: "kick",
	hangSeconds: 15,
	stop: "normal",
	start: "normal",
	stopSeconds: 0,
	startSeconds: 0,
	regeditDeletes: "yes",
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
			.map((line) => line.split("=", 2) as [string, string]),
	);
	for (const [name, value] of Object.entries(changes))
		lines.set(name, String(value));
	const text = [...lines].map(([name, value]) => `${name}=${value}\n`).join("");
	await writeFile(`${file}.new`, text);
	await rename(`${file}.new`, file);
}
