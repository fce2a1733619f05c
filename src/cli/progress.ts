/** Overwrites one progress line on a terminal. Output to a file or pipe gets none. */
export function showProgress(line: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

export const clearProgress = () => showProgress("");
