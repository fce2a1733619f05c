import { runPulumi } from "../pulumi-cli";
import { parseUrn } from "../urn";
import { UserError } from "../user-error";

/** What an update does with a resource. */
export type Operation = "create" | "update" | "replace" | "delete" | "same";

/** A resource in a preview. */
export interface PreviewStep {
	operation: Operation;
	urn: string;
	type: string;
	/** The last part of the URN. */
	name: string;
	parent: string;
	/** The inputs after the update. Secrets are not in clear. */
	inputs: Record<string, unknown>;
	/** The URNs of the resources that it depends on. */
	dependencies: readonly string[];
}

/**
 * Runs `pulumi preview --json`. It opens no connection to a host.
 *
 * @throws UserError with the errors of the preview
 */
export async function runPreview(stack: string): Promise<PreviewStep[]> {
	const { stdout, failure } = await runPulumi(stack, [
		"preview",
		"--json",
		"--show-sames",
	]);
	const preview = parseJson(stdout);
	const errors = (preview?.diagnostics ?? [])
		.filter(({ severity }) => severity === "error")
		.map(({ message = "" }) => message.replace(/^error: /, "").trim());
	if (errors.length > 0)
		throw new UserError(`pulumi preview failed:\n${errors.join("\n")}`);
	if (failure) throw failure;
	return parsePreview(preview ?? {});
}

interface Preview {
	steps?: {
		op: string;
		urn: string;
		oldState?: State;
		newState?: State;
	}[];
	diagnostics?: { severity?: string; message?: string }[];
}

interface State {
	type?: string;
	parent?: string;
	inputs?: Record<string, unknown>;
	dependencies?: string[];
}

function parseJson(text: string): Preview | undefined {
	try {
		return JSON.parse(text) as Preview;
	} catch {
		return undefined;
	}
}

/** A replacement consists of several steps. Only the one that describes it is kept. */
export const parsePreview = ({ steps = [] }: Preview): PreviewStep[] =>
	steps.flatMap(({ op, urn, oldState, newState }) => {
		const operation = OPERATIONS[op];
		if (!operation) return [];
		const state = newState ?? oldState ?? {};
		return [
			{
				operation,
				urn,
				type: state.type ?? "",
				name: parseUrn(urn).name,
				parent: state.parent ?? "",
				inputs: state.inputs ?? {},
				dependencies: state.dependencies ?? [],
			},
		];
	});

const OPERATIONS: Record<string, Operation | undefined> = {
	create: "create",
	update: "update",
	replace: "replace",
	delete: "delete",
	same: "same",
};
