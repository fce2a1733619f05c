import {
	INTENT_CLOSING_OUTCOMES,
	kickSteps,
} from "../../../src/protocol/kick-table.ts";

/** A requested cycle, which a token identifies. */
export type Wish = "a" | "b";
type Answer = "fail" | "retry" | "accept";

/** One run of a kick's script. */
export interface Run {
	wish: Wish;
	onUncertain: Answer;
}

/** The table, with a type that also permits the wrong tables of the tests. */
export type Steps = Record<string, Record<string, string>>;

/** The rules that a test can break, to show that the search finds the consequence. */
export interface Rules {
	steps: Steps;
	/** Whether a run needs the host's lock. */
	lock: boolean;
	closes: readonly string[];
	/** Whether another run can take over the lock of a delayed run, as over Samba. The delayed run continues later. */
	steal: boolean;
	/** When a delayed run checks that it still has the lock: before it sends the control, before it closes an intent. */
	looks: readonly ("send" | "close")[];
}

export const RULES: Rules = {
	steps: kickSteps,
	lock: true,
	closes: INTENT_CLOSING_OUTCOMES,
	steal: false,
	looks: ["send", "close"],
};

/** An active run: its step, whether it sent the control, and whether `onUncertain` permitted it to continue. */
interface Process extends Run {
	at: string;
	sent: "" | "delivered";
	again: boolean;
	asked: boolean;
}

/** The host, and the result of each requested cycle. */
interface World {
	runs: Process[];
	/** The owner of the lock: a run, or a program that outlived its script. */
	lock: number | "child" | "";
	/** The cycle whose control such a program is about to send. */
	child: Wish | "";
	/** Controls that a hanging service accepted. Their kicks may still happen. */
	late: string;
	done: Wish | "";
	intent: Wish | "";
	/** The run that last wrote or accepted an intent. Runs begin in the order of their numbers. */
	began: number;
	pending: boolean;
	value: boolean;
	/** Whether the running service has read the value. */
	knows: boolean;
	running: boolean;
	kicks: Record<Wish, number>;
	/** Controls that were sent because the user permitted them with `onUncertain`. */
	asked: Record<Wish, number>;
	accepted: Record<Wish, boolean>;
}

/** The result of the search. */
export interface Findings {
	states: number;
	endings: Set<string>;
	/** The sequence of states that led to an extra kick (double), or to a success without a kick (loss). */
	double?: string[];
	loss?: string[];
}

const FULFILLED = ["started", "already", "accepted"];
/** The steps of a run that has ended. Of its ending, only success or failure is recorded. */
const OVER = ["fulfilled", "failed"];
const start = (run: Run): Process => ({
	...run,
	at: "lock",
	sent: "",
	again: false,
	asked: false,
});

/**
 * Visits every state that a host can reach with two concurrent runs and then a third one: every interleaving of their
 * steps, every result of a step, a crash before and after each step, and kicks that happen late or never.
 */
export function explore(
	first: readonly Run[],
	next: Run,
	rules: Rules = RULES,
): Findings {
	const findings: Findings = { states: 0, endings: new Set() };
	const seen = new Set<string>();
	const open: Visit[] = hosts().map((host) => ({
		world: { ...host, runs: first.map(start) },
	}));
	for (let visit = open.pop(); visit; visit = open.pop()) {
		const key = JSON.stringify(visit.world);
		if (seen.has(key)) continue;
		seen.add(key);
		judge(visit, findings);
		for (const world of successors(visit.world, rules, next, findings.endings))
			open.push({ world, from: visit });
	}
	findings.states = seen.size;
	return findings;
}

/** The initial hosts: compliant, value not yet read, value missing, service stopped, restart pending. */
function hosts(): Omit<World, "runs">[] {
	const good: Omit<World, "runs"> = {
		lock: "",
		child: "",
		late: "",
		done: "",
		intent: "",
		began: -1,
		pending: false,
		value: true,
		knows: true,
		running: true,
		kicks: { a: 0, b: 0 },
		asked: { a: 0, b: 0 },
		accepted: { a: false, b: false },
	};
	return [
		good,
		{ ...good, knows: false },
		{ ...good, value: false, knows: false },
		{ ...good, running: false },
		{ ...good, running: false, pending: true },
	];
}

/** A state and its predecessor. */
interface Visit {
	world: World;
	from?: Visit;
}

function trail({ world, from }: Visit): string[] {
	const { runs, kicks, intent, done } = world;
	const places = runs.map(({ wish, at }) => `${wish} ${at}`).join(", ");
	return [
		...(from ? trail(from) : []),
		`${places}; intent ${intent || "none"}, done ${done || "none"}, kicks ${kicks.a} and ${kicks.b}`,
	];
}

function judge(visit: Visit, findings: Findings): void {
	const { kicks, asked, accepted, runs } = visit.world;
	for (const wish of ["a", "b"] as const) {
		if (kicks[wish] > 1 + asked[wish]) findings.double ??= trail(visit);
		const fulfilled = runs.some(
			(run) => run.wish === wish && run.at === "fulfilled",
		);
		if (fulfilled && !kicks[wish] && !accepted[wish])
			findings.loss ??= trail(visit);
	}
}

/** Copies each field, since a general deep copy would take most of the search's time. */
const copyOf = (world: World): World => ({
	...world,
	runs: world.runs.map((run) => ({ ...run })),
	kicks: { ...world.kicks },
	asked: { ...world.asked },
	accepted: { ...world.accepted },
});

function end(world: World, index: number, ending: string): void {
	const { wish, onUncertain } = world.runs[index] as Process;
	const at = FULFILLED.includes(ending) ? "fulfilled" : "failed";
	world.runs[index] = { ...start({ wish, onUncertain }), at };
	if (world.lock === index) world.lock = "";
}

function successors(
	world: World,
	rules: Rules,
	next: Run,
	endings: Set<string>,
): World[] {
	const list: World[] = [];
	const change = (edit: (copy: World) => void) => {
		const copy = copyOf(world);
		edit(copy);
		list.push(copy);
	};
	for (const index of world.runs.keys()) {
		const run = world.runs[index] as Process;
		if (run.at === "lock") list.push(...lock(world, index, rules, endings));
		else if (!OVER.includes(run.at)) {
			list.push(...crash(world, index));
			list.push(...step(world, index, rules, endings));
		}
	}
	if (world.child) {
		const wish = world.child;
		const gone = (copy: World) => {
			copy.child = "";
			if (copy.lock === "child") copy.lock = "";
		};
		change(gone);
		change((copy) => {
			gone(copy);
			if (copy.running && copy.knows) copy.kicks[wish]++;
		});
	}
	if (world.late)
		for (const comes of [true, false])
			change((copy) => {
				const wish = copy.late[0] as Wish;
				copy.late = copy.late.slice(1);
				if (comes) copy.kicks[wish]++;
			});
	// The next update begins after the two runs have ended, and only if the second one failed.
	const last = world.runs.at(-1) as Process;
	const over = world.runs.every((run) => OVER.includes(run.at));
	if (over && world.runs.length === 2 && last.at === "failed")
		change((copy) => copy.runs.push(start(next)));
	return list;
}

function lock(
	world: World,
	index: number,
	rules: Rules,
	endings: Set<string>,
): World[] {
	const held = copyOf(world);
	held.lock = index;
	(held.runs[index] as Process).at = "inspect";
	if (!rules.lock || world.lock === "") return [held];
	const busy = copyOf(world);
	endings.add("busy");
	end(busy, index, "busy");
	return rules.steal ? [busy, held] : [busy];
}

/** The script is killed. The program that it was waiting for may survive, even the one that sends the control. */
function crash(world: World, index: number): World[] {
	const dead = copyOf(world);
	const run = dead.runs[index] as Process;
	const sending = run.at === "control" && !run.sent;
	const { wish, asked } = run;
	end(dead, index, "crashed");
	if (!sending || dead.child) return [dead];
	const survived = copyOf(dead);
	survived.child = wish;
	if (asked) survived.asked[wish]++;
	survived.lock = "child";
	return [dead, survived];
}

/** The effect of a step on the host, for each of its results. */
function step(
	world: World,
	index: number,
	rules: Rules,
	endings: Set<string>,
): World[] {
	const list: World[] = [];
	const now = world.runs[index] as Process;
	const row = rules.steps[now.at] as Record<string, string>;
	const lost = rules.steal && world.lock !== index;
	const mayClose = !lost || !rules.looks.includes("close");
	/** Adds the state after one result of the step, by its name in the table. */
	const found = (
		name: string,
		edit: (copy: World, run: Process) => void = () => {},
	) => {
		const copy = copyOf(world);
		const run = copy.runs[index] as Process;
		edit(copy, run);
		const to = row[name];
		if (to === undefined) throw new Error(`no ${name} at ${now.at}`);
		run.at = to;
		list.push(copy);
		if (to in rules.steps) return;
		endings.add(to);
		const { asked } = run;
		end(copy, index, to);
		if (!rules.closes.includes(to) || asked || !mayClose) return;
		// The intent may stay open if the disk is full, so both cases are explored.
		const closed = copyOf(copy);
		closed.intent = "";
		list.push(closed);
	};
	const { wish } = now;
	const receipt = (copy: World) => {
		if (!mayClose) return;
		copy.done = wish;
		copy.intent = "";
	};
	const open = (copy: World) => {
		copy.intent = wish;
		copy.began = index;
		copy.pending = false;
	};
	switch (now.at) {
		case "inspect":
			found("unreadable");
			if (world.done === wish) found("done");
			else if (world.began > index) found("later");
			else if (world.intent === wish) found("own");
			else if (world.intent) found("foreign");
			else found("none");
			break;
		case "uncertain":
			found(now.onUncertain, (copy, run) => {
				run.asked = now.onUncertain === "retry";
				copy.accepted[wish] ||= now.onUncertain === "accept";
			});
			break;
		case "unsettled":
			found(now.onUncertain, (_, run) => {
				run.asked = now.onUncertain !== "fail";
			});
			break;
		case "check-hour":
			found("none");
			found("near");
			break;
		case "check-t3":
			found("none");
			found("missing");
			break;
		case "check-restart":
			found(world.pending ? "pending" : "none");
			break;
		case "open-intent":
			found("lost");
			// Written, but it could not be read back.
			found("lost", open);
			if (lost && rules.looks.includes("send")) {
				// The run checks the lock before and after it writes, since another run may have started and ended in between.
				found("taken");
				found("taken", open);
			} else found("kept", open);
			break;
		case "control":
			if (now.sent) {
				found("kicked", receipt);
				// The receipt was not written.
				found("kicked");
				found("stopped", (copy) => {
					copy.running = false;
				});
				// The answer could not be read.
				found("unknown");
				break;
			}
			found("no-files");
			found("not-installed");
			found("takes-no-control");
			found("access-denied");
			found("unknown");
			found("paused");
			if (!world.running) found("not-running");
			else if (!world.knows) found("refused");
			else {
				const sent = copyOf(world);
				const run = sent.runs[index] as Process;
				run.sent = "delivered";
				sent.kicks[wish]++;
				if (run.asked) sent.asked[wish]++;
				list.push(sent);
				found("unknown", (copy, { asked }) => {
					copy.late += wish;
					if (asked) copy.asked[wish]++;
				});
			}
			break;
		case "confirm":
			found(world.done === wish ? "kept" : "lost");
			break;
		case "refused":
			found(!world.value ? "missing" : now.again ? "again" : "first");
			break;
		case "plan-restart":
			found("lost");
			found("kept", (copy, run) => {
				run.again = true;
				copy.pending = true;
				if (!run.asked && mayClose) copy.intent = "";
			});
			break;
		case "restart":
			found("stuck");
			found("denied");
			found("not-stopped");
			found("not-started", (copy) => {
				copy.running = false;
			});
			found("running", (copy) => {
				copy.running = true;
				copy.knows = copy.value;
			});
			// The service still refuses the pause.
			found("running", (copy) => {
				copy.running = true;
			});
			break;
		case "resume":
			found("runs");
			found("stuck");
			break;
		case "accept":
			if (mayClose)
				found("kept", (copy) => {
					receipt(copy);
					copy.began = index;
				});
			found("lost");
			break;
		default:
			throw new Error(`the model does not know the step ${now.at}`);
	}
	return list;
}
