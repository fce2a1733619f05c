import type { CutoverEntry, WaitEntry } from "./stack-file.ts";

/** What a fixed wait lasts in a rehearsal, in seconds. The lab delivers mail within a second. */
const SHORT = 2;

/** The programs that a wait may use on a lab host. */
const PROGRAMS = /^(type|dir|find|if|for|do|in|echo|errorlevel|not|exist)$/i;

/** What changed about a wait, for the user. */
export type WaitChange = "shortened" | "simulated";

/**
 * Adapts a wait to the lab.
 *
 * @param drives the drives of the post offices that take part
 */
export function adaptWait(
	wait: WaitEntry,
	drives: readonly string[],
	realTime: boolean,
): { wait: WaitEntry; change?: WaitChange } {
	const { seconds, command = "", contains = "" } = wait;
	if (seconds !== undefined)
		return realTime || seconds <= SHORT
			? { wait }
			: { wait: { seconds: SHORT }, change: "shortened" };
	const pace = realTime ? {} : { every: 1, timeout: 120 };
	return isKnown(command, drives)
		? { wait: { ...wait, ...pace } }
		: {
				wait: { ...wait, ...pace, command: `echo ${contains}` },
				change: "simulated",
			};
}

/** What a lab host has of a post office on its drive, and of Exchange on C:. */
const PATHS = [
	/^\\LOG\\(RECV|SENT)\.LOG$/i,
	/^\\MBG\\SYSTEM(\\[\w*.]*)?$/i,
	/^\\exchsrvr\\connect\\maildat\\(in|out)(\\[\w*.]*)?$/i,
];

/** Whether a lab host has the programs and the files of a command. */
function isKnown(command: string, drives: readonly string[]): boolean {
	const files = [...command.matchAll(/\b([A-Za-z]):(\\[^\s"&|<>()]*)/g)];
	const programs = command
		.replaceAll(/"[^"]*"/g, "")
		.split(/[&|()]+/)
		.map((part) => part.trim().split(/[\s/]+/)[0] ?? "")
		.filter((word) => /^[A-Za-z]+$/.test(word));
	return (
		files.length > 0 &&
		files.every(
			([, drive = "", path = ""]) =>
				[...drives, "C"].includes(drive.toUpperCase()) &&
				PATHS.some((known) => known.test(path)),
		) &&
		programs.every((program) => PROGRAMS.test(program))
	);
}

/** Adapts both waits of a cutover. @returns the cutover, and what changed: `t1Delivered: shortened` */
export function adaptWaits(
	cutover: CutoverEntry,
	realTime: boolean,
): { waits: CutoverEntry["waits"]; changes: string[] } {
	const drives = cutover.postOffices.map(({ drive }) => drive.toUpperCase());
	const t1 = adaptWait(cutover.waits.t1Delivered, drives, realTime);
	const t2 = adaptWait(cutover.waits.t2Delivered, drives, realTime);
	return {
		waits: { t1Delivered: t1.wait, t2Delivered: t2.wait },
		changes: [
			...(t1.change ? [`t1Delivered: ${t1.change}`] : []),
			...(t2.change ? [`t2Delivered: ${t2.change}`] : []),
		],
	};
}
