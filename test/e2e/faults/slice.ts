/** `npm run test:faults` tries every fault. Other runs try some of each kind. */
export const ALL_FAULTS = process.env.DIRSYNC_FAULTS === "all";

/** Returns all cases or those of the slice, and prints how many. */
export function chosen<T>(
	cases: readonly T[],
	inSlice: (one: T, index: number) => boolean,
): T[] {
	if (ALL_FAULTS) return [...cases];
	const slice = cases.filter(inSlice);
	console.log(
		`${slice.length} of ${cases.length} faults are tried; all of them by npm run test:faults`,
	);
	return slice;
}
