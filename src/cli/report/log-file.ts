import { readFile } from "node:fs/promises";
import { UserError } from "../user-error";
import { readEvents } from "./events";
import { readLog } from "./log";
import type { Log } from "./model";

/** The files that a log can be read from. At most one of them is given. */
interface Files {
	stack: string;
	eventLog?: string;
	log?: string;
}

/** Reads what is known of the last update; undefined if no file is given. */
export async function readUpdate({
	stack,
	eventLog,
	log: logFile,
}: Files): Promise<Log | undefined> {
	const file = eventLog ?? logFile;
	if (file === undefined) return undefined;
	const log =
		eventLog === undefined
			? await readLogFile(file)
			: await readEventLogFile(file);
	assertOfStack(stack, file, log);
	return log;
}

/** @throws UserError if the log is that of another stack */
export function assertOfStack(stack: string, file: string, log: Log): void {
	const last = (name: string) => name.split("/").at(-1);
	if (log.stack !== undefined && last(log.stack) !== last(stack))
		throw new UserError(
			`The log ${file} is of stack ${log.stack}, not of ${stack}: use the log of its last update.`,
		);
}

const readLogFile = async (file: string): Promise<Log> =>
	readLog(
		await readText(
			file,
			`--log takes a file of what pulumi up printed, made with pulumi up --yes 2>&1 | tee ${file}`,
		),
	);

async function readEventLogFile(file: string): Promise<Log> {
	const log = readEvents(await readEventText(file));
	if (!log)
		throw new UserError(
			`The event log ${file} has no events of an update: --event-log takes the file of pulumi up --event-log, or what pulumi up --json printed; what pulumi up printed without these options goes with --log.`,
		);
	return log;
}

/**
 * Reads the text of an event log.
 *
 * @throws UserError if the file cannot be read
 */
export const readEventText = (file: string): Promise<string> =>
	readText(
		file,
		`--event-log takes the file that PULUMI_DEBUG_COMMANDS=true pulumi up --yes --event-log ${file} writes`,
	);

/** @param hint what the file must be */
async function readText(file: string, hint: string): Promise<string> {
	const bytes = await readFile(file).catch((error) => {
		throw new UserError(
			`The log ${file} could not be read (${error.code}): ${hint}.`,
		);
	});
	// PowerShell's > writes UTF-16.
	const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
	return bytes.toString(encoding).replace(/^\ufeff/, "");
}
