import { RunError } from "@pulumi/pulumi";

/**
 * The function with its errors told in one line. Any other error than a RunError without a stack costs half a minute and
 * gigabytes: the runtime's printer walks the whole module tree.
 */
export function refusing<A extends unknown[], T>(
	read: (...args: A) => T,
): (...args: A) => T {
	return (...args) => {
		try {
			return read(...args);
		} catch (error) {
			const text = error instanceof Error ? error.message : String(error);
			const refusal = new RunError(text);
			refusal.stack = undefined;
			throw refusal;
		}
	};
}
