import { expect } from "vitest";
import type { Run } from "../../stack.ts";
import { type Answer, kicks, type Member, type Scene, told } from "./scene.ts";

/** The result of one requested cycle, for one setting of `onUncertain`. */
export interface KickRow {
	fault: string;
	point: string;
	onUncertain: Answer;
	/** The result that the next update printed, and the number of cycles after it. */
	next: string;
	cycles: number;
	/** The user's choice after an inspection of the host, if the update asked, and the final number of cycles. */
	chosen: string;
	inTheEnd: number;
}

/** The columns of the page. */
export const KICK_COLUMNS = [
	"interrupted at",
	"by",
	"onUncertain",
	"result of the next `up`",
	"cycles",
	"the user chose",
	"final cycles",
];
export const kickCells = (row: KickRow): string[] => [
	row.point,
	row.fault,
	row.onUncertain,
	row.next,
	String(row.cycles),
	row.chosen,
	String(row.inTheEnd),
];

/**
 * Runs the next update after a fault, and gives the user's answer if that update asks. All kinds of host must have the
 * same result, and no cycle may be lost or repeated without a message to the user.
 */
export async function settle(
	scene: Scene,
	fault: string,
	point: string,
): Promise<KickRow[]> {
	const { next, said } = await nextUp(scene);
	const rows = new Map<Member, KickRow>();
	const answers = new Map<Member, Answer>();
	for (const member of scene.members) {
		const cycles = await kicks(member);
		const word = said.get(member) ?? "";
		if (word === "outcome-unknown")
			answers.set(member, cycles > 0 ? "accept" : "retry");
		const { onUncertain } = member;
		const chosen = answers.get(member) ?? "";
		rows.set(member, {
			...{ fault, point, onUncertain, next: word, cycles },
			...{ chosen, inTheEnd: cycles },
		});
	}
	expect(next.exitCode === 0, next.output).toBe(answers.size === 0);
	if (answers.size > 0) await answer(scene, answers, rows);
	for (const row of rows.values()) judge(row, next);
	const kinds = [...new Set(scene.members.map(({ kind }) => kind))];
	const [ours, ...others] = kinds.map((kind) =>
		[...rows].filter(([member]) => member.kind === kind).map(([, row]) => row),
	);
	for (const theirs of others) expect(theirs).toEqual(ours);
	return ours ?? [];
}

/** Outcomes after which nothing was sent and the update has to be repeated (docs/troubleshooting.md). */
const AGAIN = ["busy", "incomplete", "record-not-written"];

/**
 * Runs the next update, and runs it again while its outcome requires that. Returns the outcome for each host.
 * Repetitions are printed, because they do not occur on an idle machine.
 */
async function nextUp(scene: Scene) {
	const said = new Map<Member, string>();
	for (let tries = 1; ; tries++) {
		const next = await scene.stack.up();
		for (const member of scene.members)
			if (AGAIN.includes(said.get(member) ?? "busy"))
				said.set(member, told(next, member));
		const again = [...said].filter(([, one]) => AGAIN.includes(one));
		if (again.length === 0 || tries === 3) return { next, said };
		for (const [{ name }, one] of again)
			console.warn(`${name} says ${one}: updating again`);
		await Promise.all(scene.hosts.map((host) => host.atRest()));
	}
}

async function answer(
	scene: Scene,
	answers: Map<Member, Answer>,
	rows: Map<Member, KickRow>,
): Promise<void> {
	await scene.declare(answers);
	await scene.stack.must("up", "--yes", "--skip-preview");
	for (const [member, row] of rows) row.inTheEnd = await kicks(member);
}

function judge(row: KickRow, { output }: Run): void {
	if (row.inTheEnd === 0)
		expect(row, output).toMatchObject({
			onUncertain: "accept",
			next: "accepted as done",
		});
	if (row.inTheEnd > 1)
		expect(row, output).toMatchObject({
			onUncertain: "retry",
			next: "started, with a warning",
			inTheEnd: 2,
		});
}
