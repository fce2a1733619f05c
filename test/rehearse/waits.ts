import type { CutoverEntry, WaitEntry } from "./stack-file.ts";

/** What a fixed wait lasts in a rehearsal, in seconds. The lab delivers mail within a second. */
const SHORT = 2;

/** The programs that a wait may use on a lab host. */
const PROGRAMS = /^(type|dir|find|if|for|do|in|echo|errorlevel|not|exist)$/i;

/** What changed about a wait, for the user. */
export type WaitChange = "shortened" | "simulated" | "asked every second";

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
	if (isKnown(command, drives))
		return {
			wait: { ...wait, ...pace },
			...(!realTime && { change: "asked every second" as const }),
		};
	return {
		wait: { ...wait, ...pace, command: `echo ${escaped(contains)}` },
		change: "simulated",
	};
}

/** A text as cmd.exe prints it from a batch file. */
const escaped = (text: string): string =>
	text.replaceAll(/[&|<>^()]/g, "^$&").replaceAll("%", "%%");

/** What a lab host has of a post office on its drive, and of Exchange on C:. */
const PATHS = [
	/^\\LOG\\(RECV|SENT)\.LOG$/i,
	/^\\MBG\\SYSTEM(\.MBG|\\[\w*.]*)?$/i,
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
				[...drives, ...(drives.length > 0 ? ["C"] : [])].includes(
					drive.toUpperCase(),
				) && PATHS.some((known) => known.test(path)),
		) &&
		programs.every((program) => PROGRAMS.test(program))
	);
}

/** Adapts both waits of a cutover. @returns the cutover, and what changed: `t1Delivered: shortened` */
export function adaptWaits(
	cutover: CutoverEntry,
	realTime: boolean,
): { waits: CutoverEntry["waits"]; changes: string[] } {
	const { exchange, postOffices } = cutover;
	const drives = postOffices.map(({ drive }) => drive.toUpperCase());
	const names = [exchange, ...postOffices.map(({ name }) => name)];
	const adapt = (wait: WaitEntry) => {
		const { host } = wait;
		if (host === undefined || names.includes(host))
			return adaptWait(wait, drives, realTime);
		// Its host is not in the rehearsed part, so neither are its drives.
		return adaptWait({ ...wait, host: exchange }, [], realTime);
	};
	const t1 = adapt(cutover.waits.t1Delivered);
	const t2 = adapt(cutover.waits.t2Delivered);
	return {
		waits: { t1Delivered: t1.wait, t2Delivered: t2.wait },
		changes: [
			...(t1.change ? [`t1Delivered: ${t1.change}`] : []),
			...(t2.change ? [`t2Delivered: ${t2.change}`] : []),
		],
	};
}
