/** A time span in milliseconds since 1970. */
export interface Span {
	start: number;
	end: number;
}

/** A time axis. Positions are in percent of its width. */
export interface Axis {
	place: (time: number) => number;
	ticks: Tick[];
	/** Idle time that the axis leaves out, for example between a stopped cutover and its continuation hours later. */
	breaks: { at: number; width: number; span: Span }[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A label of the axis. Only the `narrow` ones fit on a phone. */
interface Tick {
	at: number;
	time: number;
	seconds: boolean;
	narrow: boolean;
}

/** Round intervals between labels. */
const STEPS = [
	...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
	...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
	...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR),
];

/** The minimum distance between labels, in percent of the width: on a screen, and on a phone. */
const APART = 15;
const APART_NARROW = 28;

/** The axis leaves out an idle gap that is longer than this and longer than half of all the work. */
const PAUSE = MINUTE;

/** Creates the axis for a list of spans, which must not be empty. */
export function createAxis(work: readonly Span[]): Axis {
	const stretches = findStretches(work);
	const gap = Math.min(5, 30 / stretches.length);
	const total = spanLength(stretches);
	// Each stretch gets at least a tenth of the total weight, so that a second of work stays visible next to an hour.
	const weights = stretches.map((one) =>
		Math.max(spanLength([one]), total / 10),
	);
	const room = 100 - gap * (stretches.length - 1);
	const share = room / weights.reduce((sum, weight) => sum + weight);
	let left = 0;
	const placed = stretches.map((span, index) => {
		const width = (weights[index] as number) * share;
		const at = left;
		left += width + gap;
		return { span, at, width };
	});
	return {
		place: (time) => toPosition(time, placed),
		ticks: axisTicks(placed),
		breaks: placed.slice(1).map(({ span, at }, index) => ({
			at: at - gap,
			width: gap,
			span: { start: (stretches[index] as Span).end, end: span.start },
		})),
	};
}

interface PlacedSpan {
	span: Span;
	at: number;
	width: number;
}

const spanLength = (spans: readonly Span[]) =>
	spans.reduce((sum, { start, end }) => sum + end - start, 0);

/** Merges the work into stretches, separated by long idle gaps. */
function findStretches(work: readonly Span[]): Span[] {
	const busy = mergeSpans(work, 0);
	const merged = mergeSpans(work, Math.max(PAUSE, spanLength(busy) / 2));
	return merged.map(({ start, end }) => ({
		start,
		end: Math.max(end, start + SECOND),
	}));
}

/** Merges spans that are at most `within` milliseconds apart. */
function mergeSpans(spans: readonly Span[], within: number): Span[] {
	const all: Span[] = [];
	for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
		const last = all.at(-1);
		if (last && start - last.end <= within) last.end = Math.max(last.end, end);
		else all.push({ start, end });
	}
	return all;
}

function toPosition(time: number, placed: readonly PlacedSpan[]): number {
	const { span, at, width } = (placed
		.filter((one) => one.span.start <= time)
		.at(-1) ?? placed[0]) as PlacedSpan;
	const part = (time - span.start) / (span.end - span.start);
	return at + Math.min(Math.max(part, 0), 1) * width;
}

/** Selects the labels. The start of work after a long gap has priority over round times. */
function axisTicks(placed: readonly PlacedSpan[]): Tick[] {
	const all = placed.flatMap((one, index) => roundTimes(one, index > 0));
	const [first, ...others] = all;
	const starts = placed.slice(1).map(({ at }) => at);
	const isStart = ({ at }: { at: number }) => starts.includes(at);
	const ranked = [
		...all.filter((tick) => tick === first || isStart(tick)),
		...others.filter((tick) => !isStart(tick)),
	];
	const narrow = keepSpaced(ranked, APART_NARROW);
	return keepSpaced([...narrow, ...ranked], APART)
		.map((tick) => ({ ...tick, narrow: narrow.includes(tick) }))
		.sort((a, b) => a.at - b.at);
}

function roundTimes({ span, at, width }: PlacedSpan, withStart: boolean) {
	const length = span.end - span.start;
	const step =
		STEPS.find((one) => (one / length) * width >= APART) ?? 24 * HOUR;
	const first = Math.ceil(span.start / step) * step;
	const times: number[] = [];
	for (let time = first; time <= span.end; time += step) times.push(time);
	if ((withStart && first > span.start) || times.length === 0)
		times.unshift(span.start);
	return times.map((time) => ({
		time,
		seconds: time % MINUTE !== 0 || step < MINUTE,
		at: at + ((time - span.start) / length) * width,
	}));
}

/** Keeps each tick that is far enough from all ticks kept before. */
function keepSpaced<T extends { at: number }>(
	ticks: readonly T[],
	apart: number,
) {
	const kept: T[] = [];
	for (const tick of ticks)
		if (kept.every(({ at }) => Math.abs(at - tick.at) >= apart))
			kept.push(tick);
	return kept;
}

/** Finds the gaps without work that are longer than the time between two steps of one update. */
export function idleGaps(work: readonly Span[]): Span[] {
	const busy = mergeSpans(work, PAUSE);
	return busy.slice(1).map(({ start }, index) => ({
		start: (busy[index] as Span).end,
		end: start,
	}));
}
