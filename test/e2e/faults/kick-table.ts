import { expect } from "vitest";
import type { Run } from "../../stack.ts";
import { type Answer, kicks, type Member, type Scene, told } from "./scene.ts";

/** What became of one wish for one setting of `onUncertain`. */
export interface KickRow {
	fault: string;
	point: string;
	onUncertain: Answer;
	/** What the next update said, and how many cycles there were after it. */
	next: string;
	cycles: number;
	/** What the user, asked, then chose after a look at the host, and how many cycles there were in the end. */
	chosen: string;
	inTheEnd: number;
}

/** How a page tells of it. */
export const KICK_COLUMNS = [
	"broken off, with",
	"by",
	"onUncertain",
	"the next `up` said",
	"cycles",
	"the user chose",
	"in the end",
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
 * The next update after a fault, and the user's answer where it asks. Hosts of both kinds must come to the same, and
 * nothing may be lost or doubled that the user was not told of.
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

/** Where an update says one of these, nothing was sent: the README says to run it again. */
const AGAIN = ["busy", "incomplete", "record-not-written"];

/**
 * The next update, and what it said of each host; run again where it says so. That is told, for on a machine with time
 * to spare it does not happen.
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
