import { type Axis, createAxis, type Span } from "./axis";
import { type Html, html } from "./html";
import type { StepReport } from "./model";
import {
	formatDate,
	formatDuration,
	formatTime,
	formatTimestamp,
} from "./time";

/** In percent of the width. A bar that ends beyond it has no room for its text on the right. */
const CROWDED = 75;

/** A step with its times. */
export type Timed = StepReport & Span;

export const isTimed = (step: StepReport): step is Timed =>
	step.start !== undefined && step.end !== undefined;

/**
 * Renders one row per step on one time axis; undefined if no step has a time.
 *
 * @param continues whether an update is running that begins further steps
 */
export function renderTimeline(
	steps: readonly StepReport[],
	continues: boolean,
): Html | undefined {
	const timed = steps.filter(isTimed);
	if (timed.length === 0) return undefined;
	const axis = createAxis(timed);
	const ends = new Map(timed.map(({ id, end }) => [id, end]));
	return html`<figure>
<figcaption>Timeline</figcaption>
<div class="timeline">
<div class="rules" aria-hidden="true">${renderRules(axis)}</div>
<div class="ticks" aria-hidden="true">${renderTicks(axis)}</div>
<ol>${steps.map((step) => renderRow(step, axis, ends, continues))}</ol>
</div>
<p class="legend">${renderLegend(steps, axis)}</p>
</figure>`;
}

const KINDS: readonly (readonly [StepReport["kind"], string])[] = [
	["program", "MS Mail program"],
	["kick", "kick"],
	["wait", "wait"],
	["t3-done", "note that T3 is done"],
];

const renderLegend = (steps: readonly StepReport[], { breaks }: Axis) => [
	...KINDS.filter(([kind]) => steps.some((step) => step.kind === kind)).map(
		([kind, text]) => html`<span><i class="bar ${kind}"></i> ${text}</span> `,
	),
	breaks.length > 0 &&
		html`<span><i class="pause"></i> time left out, nothing ran</span>`,
];

const renderRules = ({ ticks, breaks }: Axis) => [
	...ticks.map(
		({ at }) => html`<i class="rule" style="left:${percent(at)}"></i>`,
	),
	...breaks.map(
		({ at, width, span }) =>
			html`<i class="pause" style="left:${percent(at)};width:${percent(width)}" title="${formatDuration(span.end - span.start)} left out"></i>`,
	),
];

const renderTicks = ({ ticks }: Axis) =>
	ticks.map(({ at, time, seconds, narrow }, index) => {
		const before = ticks[index - 1];
		const day =
			before && formatDate(before.time) === formatDate(time)
				? undefined
				: formatDate(time);
		const side = at > 92 ? "left" : at < 8 ? "right" : "middle";
		return html`<span class="tick ${side}${!narrow && " wide"}" style="left:${percent(at)}">${formatTime(time, seconds)}${day && html`<small>${day}</small>`}</span>`;
	});

const renderRow = (
	step: StepReport,
	axis: Axis,
	ends: ReadonlyMap<string, number>,
	continues: boolean,
) => html`<li>
<a class="label" href="#${step.id}"><b class="phase ${step.phase}">${step.phase}</b> <span>${step.host} <code>${step.label}</code></span></a>
<div class="lane">${isTimed(step) ? renderBar(step, axis) : renderFlag(step, axis, ends, continues)}</div>
</li>`;

function renderBar(step: Timed, { place }: Axis): Html {
	const from = place(step.start);
	const to = place(step.end);
	const title = `${formatTimestamp(step.start)} to ${step.state === "running" ? "now" : formatTime(step.end)}`;
	const took = formatDuration(step.end - step.start);
	const isRunning = step.state === "running";
	return html`<i class="bar ${step.kind}${isRunning && " running"}" style="left:${percent(from)};width:${percent(to - from)}" title="${title}"></i><span class="note ${labelSide(from, to)}" style="--from:${percent(from)};--to:${percent(to)}">${isRunning ? `running, ${took}` : took}</span>`;
}

/** The side of a bar that has room for its text. */
function labelSide(from: number, to: number): string {
	if (to < CROWDED) return "after";
	return from > 100 - CROWDED ? "before" : "within";
}

/** Renders a label instead of a bar, at the end of the steps before it; undefined for a step that is not yet due. */
function renderFlag(
	{ state, after, failure }: StepReport,
	{ place }: Axis,
	ends: ReadonlyMap<string, number>,
	continues: boolean,
): Html | undefined {
	const text = {
		failed: `\u2715 failed${failure?.code ? `: ${failure.code}` : ""}`,
		pending: "\u2026 started, end unknown",
		next: continues ? "\u25b8 next" : "\u25b8 continues here",
		open: undefined,
		running: undefined,
		done: "done, time unknown",
	}[state];
	if (text === undefined) return undefined;
	const at = place(
		Math.max(...after.map((id) => ends.get(id) ?? Number.NEGATIVE_INFINITY)),
	);
	return html`<span class="flag ${state} ${at > 50 ? "before" : "after"}" style="--at:${percent(at)}">${text}</span>`;
}

const percent = (number: number) => `${Number(number.toFixed(3))}%`;
