import * as pulumi from "@pulumi/pulumi";

/**
 * Removes the outputs that this update does not know: hosts and cutovers that do not exist yet and were not targeted,
 * and resources that failed with `--continue-on-error`, for which Pulumi would store a marker.
 *
 * A preview removes nothing: it does not know which resources will be left out.
 */
export async function knownOutputs(
	outputs: pulumi.Inputs,
): Promise<pulumi.Inputs> {
	if (pulumi.runtime.isDryRun()) return outputs;
	const known = withoutUnknown(
		await pulumi.runtime.serializeProperty("outputs", outputs),
	);
	return (known ?? {}) as pulumi.Inputs;
}

/** Removes unknown parts of a value in the engine's format; undefined if nothing remains. */
function withoutUnknown(value: unknown): unknown {
	if (value === pulumi.runtime.unknownValue) return undefined;
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value)
		.map(([key, part]) => [key, withoutUnknown(part)] as const)
		.filter(([, part]) => part !== undefined);
	if (entries.length === 0) return undefined;
	return Array.isArray(value)
		? entries.map(([, part]) => part)
		: Object.fromEntries(entries);
}
