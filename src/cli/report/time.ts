/** All times are UTC, as in the evidence: hosts may be in several time zones, and the state contains no time zone. */

/** `2026-11-25 14:02:28` */
export function formatTimestamp(time: number): string {
	return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** `25 Nov` */
export function formatDate(time: number): string {
	const [, day, month] = new Date(time).toUTCString().split(" ");
	return `${Number(day)} ${month}`;
}

/** `14:02`, or `14:02:28` with seconds. */
export function formatTime(time: number, seconds = true): string {
	return new Date(time).toISOString().slice(11, seconds ? 19 : 16);
}

/** `2 min 5 s`: two units at most. */
export function formatDuration(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	if (seconds < 1) return "under 1 s";
	const parts: [number, string][] = [
		[Math.floor(seconds / 86400), "d"],
		[Math.floor(seconds / 3600) % 24, "h"],
		[Math.floor(seconds / 60) % 60, "min"],
		[seconds % 60, "s"],
	];
	const first = parts.findIndex(([count]) => count > 0);
	return parts
		.slice(first, first + 2)
		.filter(([count]) => count > 0)
		.map(([count, unit]) => `${count} ${unit}`)
		.join(" ");
}
