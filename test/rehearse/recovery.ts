import { credentialOf, rightCredentialFile } from "./accidents.ts";
import type { RehearsedStep } from "./steps.ts";

/** What is known after an update has failed. */
export interface Situation {
	/** Whether Pulumi was killed, or the stack is still locked since it was. */
	wasKilled: boolean;
	failures: readonly {
		/** Undefined if the failure belongs to no step, but to the whole update. */
		step?: RehearsedStep;
		code?: string;
	}[];
	/** For a step whose outcome is unknown: whether its cycle or program has run, as its host shows. */
	hasRun: (step: RehearsedStep) => boolean;
}

/** A command that the operator runs, and why. */
export interface Advice {
	why: string;
	/** Arguments of Pulumi, as in a shell. */
	pulumi: string;
	/** The file that the command reads. */
	stdin?: string;
	/** For the last table. */
	short: string;
	/** The setting of the configuration that this command changes for one update. */
	setting?: string;
}

/** The codes after which the operator decides by `onUncertain`. */
const UNKNOWN = [
	"unknown",
	"not-running-after",
	"receipt-not-written",
	"outcome-unknown",
	"program-unknown",
];

/** Whether the operator has to find out if a step has run. */
export const isUnknown = (code: string | undefined): boolean =>
	code !== undefined && UNKNOWN.includes(code);

/**
 * What docs/troubleshooting.md has the operator do with Pulumi before the next update.
 *
 * @param folder the rehearsal's folder, as the operator names it
 */
export function adviseOn(
	{ wasKilled, failures, hasRun }: Situation,
	folder: string,
): Advice[] {
	const advice: Advice[] = [];
	if (wasKilled)
		advice.push(
			{
				why: "Remove the lock that Pulumi left.",
				...{ pulumi: "cancel --yes", short: "cancel" },
			},
			{
				why: "Clear the pending operations. This connects to no host.",
				pulumi: "refresh --clear-pending-creates --yes",
				short: "refresh",
			},
		);
	for (const { step, code } of failures) {
		if (!step) continue;
		if (code === "no-log-in" || code === "bad-admin")
			advice.push(correctCredential(step, folder));
		if (isUnknown(code) && step.uncertainIn)
			advice.push(...decide(step, step.uncertainIn, hasRun(step)));
	}
	return advice;
}

function correctCredential(step: RehearsedStep, folder: string): Advice {
	const { entry, key } = credentialOf(step);
	return {
		why: `Correct the ${key} of ${entry}.`,
		pulumi: `config set --secret --path '${pathOf("credentials", entry, key)}'`,
		stdin: rightCredentialFile(folder, step),
		short: `correct ${key}`,
	};
}

function decide(
	step: RehearsedStep,
	uncertainIn: string,
	hasRun: boolean,
): Advice[] {
	const answer = hasRun ? "accept" : "retry";
	const what = step.kind === "kick" ? "The cycle" : step.program?.program;
	const set = (setting: string, value: string): Advice => ({
		why: hasRun
			? `${what} has run, as shown above. Treat it as done, for one update.`
			: `${what} has not run, as shown above. Run it again, for one update.`,
		pulumi: `config set --path '${setting}' ${value}`,
		...{ short: `${setting.split(".").at(-1)} ${value}`, setting },
	});
	return [
		set(`${uncertainIn}.onUncertain`, answer),
		...(!hasRun && step.awaitsT3
			? [set(`${uncertainIn}.guards.t3BeforeT2`, "false")]
			: []),
	];
}

/** What ends a setting that was made for one update. @param before its value in the stack file; undefined if it had none */
export const undo = (setting: string, before: unknown): Advice => ({
	why: `${setting.split(".").at(-1)} was for one update only.`,
	pulumi:
		before === undefined
			? `config rm --path '${setting}'`
			: `config set --path '${setting}' ${before}`,
	short: `${setting.split(".").at(-1)} as before`,
});

/** A path in Pulumi's configuration. A name with a dot needs brackets. */
const pathOf = (...keys: string[]): string =>
	keys
		.map((key) => (/^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`))
		.join("")
		.slice(1);

/**
 * The headings of docs/troubleshooting.md that an operator reads after these failures.
 *
 * @param page the text of that page
 */
export function headingsFor(
	{ wasKilled, failures }: Pick<Situation, "wasKilled" | "failures">,
	page: string,
): string[] {
	return [
		...new Set([
			...(wasKilled ? ["After an interrupted update"] : []),
			...failures
				.filter(({ step }) => step)
				.map(({ code }) =>
					isUnknown(code)
						? "After an unknown outcome"
						: headingOf(code ?? "unreachable", page),
				),
		]),
	];
}

/** The heading above the row of a code. */
function headingOf(code: string, page: string): string {
	const above = page.slice(0, page.indexOf(`\n| \`${code}\` |`));
	return [...above.matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? "";
}
