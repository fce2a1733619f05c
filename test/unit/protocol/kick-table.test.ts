import { describe, expect, it } from "vitest";
import {
	INTENT_CLOSING_OUTCOMES,
	INTENT_KEEPING_OUTCOMES,
	kickSteps,
} from "../../../src/protocol/kick-table.ts";
import {
	explore,
	RULES,
	type Rules,
	type Run,
	type Wish,
} from "./kick-model.ts";

const answers = ["fail", "retry", "accept"] as const;
/** The same cycle in every run, and a new cycle while an older run is still active. */
const wishes: [Wish, Wish, Wish][] = [
	["a", "a", "a"],
	["a", "b", "b"],
];
const cases = wishes.flatMap(([first, second, third]) =>
	answers.flatMap((now) =>
		answers.map((later) => ({ first, second, third, now, later })),
	),
);

function search(
	{ first, second, third, now, later }: (typeof cases)[number],
	rules?: Rules,
) {
	const run = (wish: Wish, onUncertain: Run["onUncertain"]): Run => ({
		wish,
		onUncertain,
	});
	return explore([run(first, now), run(second, now)], run(third, later), rules);
}

const endings = new Set(
	Object.values(kickSteps)
		.flatMap((row): string[] => Object.values(row))
		.filter((to) => !(to in kickSteps)),
);

describe.each([
	["by SSH, where a lock ends with its holder", false],
	["over Samba, where it may be taken over from one that goes on later", true],
])("every interleaving of two runs and a later one, %s", (_, steal) => {
	const reached = new Set<string>();

	it.each(cases)(
		"has no unreported double or loss for $first, $second, $third, onUncertain $now and then $later",
		(one) => {
			const found = search(one, { ...RULES, steal });
			expect(found.double).toBeUndefined();
			expect(found.loss).toBeUndefined();
			expect(found.states).toBeGreaterThan(300);
			for (const ending of found.endings) reached.add(ending);
		},
	);

	it("reaches every ending of the table, and busy", () => {
		expect(reached).toEqual(new Set([...endings, "busy"]));
	});
});

describe("the search finds", () => {
	const table = (
		step: keyof typeof kickSteps,
		row: Record<string, string>,
	): Partial<Rules> => ({
		steps: { ...kickSteps, [step]: { ...kickSteps[step], ...row } },
	});
	const finds = (what: "double" | "loss", rules: Partial<Rules>) =>
		cases.some((one) => search(one, { ...RULES, ...rules })[what]);

	it.each<[string, Partial<Rules>]>([
		["no lock", { lock: false }],
		["no question", table("inspect", { own: "check-restart" })],
		[
			"a late echo that is not stopped",
			table("inspect", { later: "check-restart" }),
		],
		["no intent", table("check-restart", { none: "control" })],
		[
			"an unknown outcome that closes the intent",
			{ closes: [...INTENT_CLOSING_OUTCOMES, "unknown"] },
		],
		[
			"a lock that is lost and not looked at before the control is sent",
			{ steal: true, looks: ["close"] },
		],
		[
			"a lock that is lost and not looked at before an intent is closed",
			{ steal: true, looks: ["send"] },
		],
	])("the double that is caused by %s", (_, rules) => {
		expect(finds("double", rules)).toBe(true);
	});

	it.each<[string, Partial<Rules>]>([
		[
			"an unknown outcome that counts as done",
			table("control", { unknown: "started" }),
		],
		["a refusal that counts as done", table("refused", { missing: "started" })],
		[
			"accepting what was done for another wish",
			table("unsettled", { accept: "already" }),
		],
	])("the loss that is caused by %s", (_, rules) => {
		expect(finds("loss", rules)).toBe(true);
	});
});

it("every failure either closes the intent or keeps it open", () => {
	const failures = [...endings].filter(
		(ending) => !["started", "already", "accepted"].includes(ending),
	);
	expect(
		[...INTENT_CLOSING_OUTCOMES, ...INTENT_KEEPING_OUTCOMES].sort(),
	).toEqual(failures.sort());
});
