import { idleGaps } from "./axis";
import { type Html, html } from "./html";
import type {
	CutoverReport,
	Failure,
	Part,
	Report,
	StepReport,
	StepState,
} from "./model";
import { STYLE } from "./style";
import {
	formatDate,
	formatDuration,
	formatTime,
	formatTimestamp,
} from "./time";
import { isTimed, renderTimeline, type Timed } from "./timeline";

/** Renders the page as one HTML file that loads nothing else and contains no script. */
export function renderPage(report: Report, now: Date): string {
	const { stack, stateTime, cutovers, others } = report;
	const written = Date.parse(stateTime);
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cutover report: ${stack}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Cutover report</h1>
${renderFacts([
	["Stack", stack],
	[
		"State as of",
		Number.isNaN(written) ? "never written" : formatTimestamp(written),
	],
	["Page written", formatTimestamp(now.valueOf())],
])}
${cutovers.length > 1 && html`<nav aria-label="Cutovers"><ul>${cutovers.map((one, index) => html`<li><a href="#cutover-${index}">${one.name}</a> ${renderBadge(one)}</li>`)}</ul></nav>`}
</header>
<main>
${others.length > 0 && html`<section aria-labelledby="others"><h2 id="others">Failed outside the cutovers</h2><p>One failure ends the whole update, the cutovers with it.</p>${others.map((failure) => renderFailure(failure))}</section>`}
${cutovers.map((cutover, index) => renderSection(cutover, index, report))}
</main>
<footer><p>Times are UTC, by the clock of the machine that runs Pulumi; durations are as the hosts counted them, in whole seconds.</p></footer>
</body>
</html>
`.text;
}

const renderSection = (cutover: CutoverReport, index: number, report: Report) =>
	html`<section aria-labelledby="cutover-${index}">
<h2 id="cutover-${index}">${cutover.name}</h2>
<p class="verdict">${renderBadge(cutover)} <span>${renderVerdict(cutover)}</span></p>
${renderReasons(cutover)}
${renderFacts(factsAbout(cutover))}
${cutover.repeatReason !== undefined && html`<p class="notice">${cutover.repeatReason}: the next <code>pulumi up</code> repeats the whole cutover. The following is its last run.</p>`}
${cutover.isDerived && html`<p class="notice">Read from the state, because the configuration has no cutovers. The state holds the steps that have run. The other steps follow from the participants, with T3 on the post offices unless a complete run had none. What has changed in the program since the last update is not included.</p>`}
${!report.hasLog && isStopped(cutover) && html`<p class="notice">If an update failed: the reason is not in the state. To see it here, keep the events of the update and give them to this report: <code>PULUMI_DEBUG_COMMANDS=true pulumi up --yes --stack ${report.stack} --event-log up.jsonl</code>, then <code>npx exchange-dirsync report --stack ${report.stack} --event-log up.jsonl</code>.</p>`}
${cutover.before.map((failure) => renderFailure(failure))}
${renderTimeline(cutover.steps)}
${renderTable(cutover.steps)}
</section>
`;

const renderFacts = (facts: readonly (readonly [string, Html | string])[]) =>
	html`<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

function factsAbout({ run, exchange, postOffices, steps }: CutoverReport) {
	const timed = steps.filter(isTimed);
	const start = Math.min(...timed.map((step) => step.start));
	const end = Math.max(...timed.map((step) => step.end));
	const times: [string, string][] =
		timed.length === 0
			? []
			: [
					[
						"From, to",
						`${formatTimestamp(start)} to ${renderUntil(start, end)}`,
					],
					["In all", formatDuration(end - start)],
					...renderResumptions(timed),
				];
	return [
		["Run", run],
		["Exchange host", renderPart(exchange)],
		[
			"Post offices",
			html`${postOffices.map((office, index) => html`${index > 0 && ", "}${renderPart(office)}`)}`,
		],
		...times,
	] as const;
}

/** The end time, with its date if that differs from the start's. */
const renderUntil = (start: number, end: number) =>
	formatDate(start) === formatDate(end)
		? formatTime(end)
		: formatTimestamp(end);

/**
 * Lists the resumptions. The state holds no failures, so the report derives a resumption from the idle gap before it.
 */
function renderResumptions(timed: readonly Timed[]): [string, string][] {
	const pauses = idleGaps(timed).map(({ start, end }) => {
		const first = timed.filter((step) => step.start === end).map(renderName);
		return `${renderList(first)} at ${renderUntil(start, end)}, ${formatDuration(end - start)} later`;
	});
	return pauses.length === 0
		? []
		: [["Continued after a pause", pauses.join("; ")]];
}

const renderPart = ({ name, role }: Part) =>
	html`${name} <small>${role === "server" ? "dirsync server" : role}</small>`;

/** The mark of each state: a sign and a word, so that no state depends on colour alone. */
const MARKS: Record<StepState | "stopped", readonly [string, string]> = {
	done: ["\u2713", "done"],
	failed: ["\u2715", "failed"],
	stopped: ["\u2016", "stopped"],
	pending: ["\u2026", "end unknown"],
	next: ["\u25b8", "next"],
	open: ["\u25cb", "not begun"],
};

const renderMark = (state: keyof typeof MARKS) =>
	html`<span class="mark ${state}"><span aria-hidden="true">${MARKS[state][0]}</span> ${MARKS[state][1]}</span>`;

const renderBadge = (cutover: CutoverReport) => renderMark(stateText(cutover));

function stateText({ steps, before }: CutoverReport): keyof typeof MARKS {
	const some = (state: StepState) => steps.some((step) => step.state === state);
	if (before.length > 0 || some("failed")) return "failed";
	if (some("pending")) return "pending";
	if (steps.every(({ state }) => state === "done")) return "done";
	return some("done") ? "stopped" : "open";
}

/** Whether the cutover is unfinished and no failure is known that explains it. */
const isStopped = (cutover: CutoverReport) =>
	cutover.repeatReason === undefined &&
	["stopped", "open"].includes(stateText(cutover));

function renderVerdict(cutover: CutoverReport): string {
	const { steps, before } = cutover;
	const those = (...states: StepState[]) =>
		steps.filter(({ state }) => states.includes(state));
	const done = `${those("done").length} of ${steps.length} steps are done`;
	switch (stateText(cutover)) {
		case "failed":
			return `Stopped at ${renderList([...before.map(renderPlace), ...those("failed").map(renderName)])}. ${done}.`;
		case "pending":
			return `An update is running ${renderList(those("pending").map(renderName))}, or was killed there. ${done}.`;
		case "stopped":
			return cutover.repeatReason === undefined
				? `Stopped before ${renderList(those("next").map(renderName))}. ${done}.`
				: `Stopped. ${done}.`;
		case "done":
			return `All ${steps.length} steps are done.`;
		default:
			return `Not begun: ${steps.length} steps.`;
	}
}

/** Lists each failed step in one line. The row of the step has the details. */
function renderReasons({ steps }: CutoverReport): Html | undefined {
	const failed = steps.filter(({ failure }) => failure);
	if (failed.length === 0) return undefined;
	return html`<ul class="reasons">${failed.map(
		(step) =>
			html`<li><a href="#${step.id}">${renderName(step)}</a>: ${shorten(step.failure as Failure)}</li>`,
	)}</ul>`;
}

/** The problem, with this package's own text for the number, if there is one. */
function shorten({ problem, details, ...failure }: Failure): Html {
	const known = details.find((line) => /^\d+: /.test(line));
	return html`${problem}${renderCode(failure)}${known && html`, ${known}`}`;
}

const renderCode = ({ code, number }: Pick<Failure, "code" | "number">) =>
	code && html` <code>[${code}${number && `, ${number}`}]</code>`;

const renderName = ({ host, label }: StepReport) =>
	[host, label].filter(Boolean).join(", ");

const renderPlace = ({ host, step, resource = "" }: Failure) =>
	host === undefined ? resource : `${host}, ${step}`;

const renderList = (names: readonly string[]) =>
	names.length < 2
		? names.join("")
		: `${names.slice(0, -1).join("; ")} and ${names.at(-1)}`;

/** The row of a step already names the place, so a failure there omits it. */
const renderFailure = (failure: Failure, inRow = false) => {
	const { problem, remedy, details } = failure;
	return html`<div class="failure">
<p>${!inRow && html`<strong>${renderPlace(failure)}:</strong> `}${problem}${renderCode(failure)}</p>
${remedy && html`<p><strong>What to do:</strong> ${remedy}</p>`}
${details.length > 0 && html`<pre>${details.join("\n")}</pre>`}
</div>`;
};

/**
 * Each cell repeats its column heading: on a phone the rows become cards. The explicit roles keep the table accessible
 * there.
 */
const renderTable = (steps: readonly StepReport[]) => html`<table role="table">
<caption>Steps</caption>
<thead role="rowgroup"><tr role="row">${["No.", "Phase", "Step", "Host", "State", "Start", "Duration", "Evidence"].map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${steps.map(renderTableRow)}</tbody>
</table>`;

function renderTableRow(step: StepReport, index: number): Html {
	const cell = (head: string, value: Html | string | number | undefined) =>
		html`<td role="cell" data-head="${head}" class="${head.toLowerCase().replace(/\W/g, "")}">${value}</td>`;
	const timed = isTimed(step) ? step : undefined;
	return html`<tr role="row" id="${step.id}" class="${step.state}">
${cell("No.", index + 1)}
${cell("Phase", html`<b class="phase ${step.phase}">${step.phase}</b>`)}
<th scope="row" role="rowheader" data-head="Step"><code>${step.label}</code></th>
${cell("Host", step.host === "" ? "a fixed time" : step.host)}
${cell("State", renderMark(step.state))}
${cell("Start", step.start === undefined ? "" : formatTimestamp(step.start))}
${cell("Duration", timed && formatDuration(timed.end - timed.start))}
${cell("Evidence", renderEvidence(step))}
</tr>`;
}

function renderEvidence({ state, failure, evidence }: StepReport): Html {
	if (failure) return renderFailure(failure, true);
	switch (state) {
		case "next":
			return html`Not done: the next <code>pulumi up</code> continues here.`;
		case "pending":
			return html`Started, and its end is unknown: an update is running it or was killed. After a killed update, <code>pulumi cancel</code> comes before the next.`;
		default:
			return html`<span class="foreign">${evidence}</span>`;
	}
}
