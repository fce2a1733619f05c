import { idleGaps } from "./axis";
import { Html, html } from "./html";
import type {
	CutoverReport,
	Failure,
	OtherWork,
	Part,
	Report,
	StepReport,
	StepState,
	UpdateProgress,
	Watch,
} from "./model";
import { SCRIPT, SCRIPT_SOURCE } from "./script";
import { STYLE, WATCH_STYLE } from "./style";
import {
	formatDate,
	formatDuration,
	formatTime,
	formatTimestamp,
} from "./time";
import { isTimed, renderTimeline, type Timed } from "./timeline";

/**
 * Renders the page as one HTML file that loads nothing else. It contains a script only if it follows an update: the
 * script fetches the page again.
 */
export function renderPage(report: Report, now: Date): string {
	const { stack, stateTime, cutovers, others, otherWork, watch } = report;
	const written = Date.parse(stateTime ?? "");
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(watch !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cutover report: ${stack}</title>
${watch && WATCH_HEAD}<style>${STYLE}${watch && WATCH_STYLE}</style>
</head>
<body>
${watch && renderSkipLinks(cutovers)}<header>
<h1>Cutover report</h1>
${renderFacts([
	["Stack", stack],
	...(stateTime === undefined
		? []
		: [
				[
					"State as of",
					Number.isNaN(written) ? "never written" : formatTimestamp(written),
				] as const,
			]),
	watch
		? ["Update", renderUpdate(watch)]
		: ["Page written", formatTimestamp(now.valueOf())],
])}
${watch && renderStatus(watch, report)}${cutovers.length > 1 && html`<nav aria-label="Cutovers"><ul>${cutovers.map((one, index) => html`<li><a href="#cutover-${index}">${one.name}</a> ${renderBadge(one)}</li>`)}</ul></nav>`}
</header>
<main>
${otherWork.length > 0 && html`<section aria-labelledby="running"><h2 id="running">Running outside the cutovers</h2><ul class="reasons">${otherWork.map((work) => html`<li>${renderSince(work)}</li>`)}</ul></section>\n`}${others.length > 0 && html`<section aria-labelledby="others"><h2 id="others">Failed outside the cutovers</h2><p>${report.continues ? "The update goes on with what does not depend on it." : "One failure ends the whole update, the cutovers with it."}</p>${others.map((failure) => renderFailure(failure))}</section>`}
${cutovers.map((cutover, index) => renderSection(cutover, index, report))}
</main>
<footer><p>Times are UTC, by the clock of the machine that runs Pulumi; durations are as the hosts counted them, in whole seconds.</p></footer>
</body>
</html>
`.text;
}

/** The Content-Security-Policy of the page. */
export const contentPolicy = (isWatch: boolean): Html =>
	new Html(
		isWatch
			? `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${SCRIPT_SOURCE}; connect-src 'self'`
			: "default-src 'none'; style-src 'unsafe-inline'",
	);

/** The empty icon keeps browsers from asking for one. Without the script, the browser loads the page again. */
const WATCH_HEAD = html`<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<script type="module">${SCRIPT}</script>
`;

const tableId = (index: number) => `steps-${index}`;

const renderSkipLinks = (cutovers: readonly CutoverReport[]) =>
	html`<nav class="skip" aria-label="Steps">${cutovers.map(({ name }, index) => html`<a href="#${tableId(index)}">Go to the steps of ${name}</a> `)}</nav>
`;

/** How the update is doing, with the time that it has taken so far. */
function renderUpdate({ progress, now }: Watch): string {
	if (!progress) return "no events yet";
	const { state, start, end = now } = progress;
	const took = formatDuration(end - start);
	return {
		preview: `preview since ${formatTimestamp(start)}`,
		running: `running since ${formatTimestamp(start)}, ${took} so far`,
		succeeded: `succeeded at ${formatTimestamp(end)}, after ${took}`,
		failed: `failed at ${formatTimestamp(end)}, after ${took}`,
	}[state];
}

/**
 * The part that a screen reader reads out when it changes: no text here changes with time alone. The verdicts are there
 * for it only, since the page shows them with each cutover.
 */
const renderStatus = (watch: Watch, report: Report) =>
	html`<div role="status" class="status">
${watch.progress && html`<p class="spoken">${UPDATE_STATES[watch.progress.state]}${report.others.length > 0 && ` ${report.others.length} failed outside the cutovers.`}</p>`}
${report.cutovers.map((cutover) => html`<p class="spoken">${cutover.name}: ${renderVerdict(cutover, report)}</p>`)}
${watch.notices.map((notice) => html`<p class="notice">${notice}</p>`)}
<p class="notice" id="lost" hidden>No answer from <code>exchange-dirsync report --watch</code>: this page is no longer up to date. Start it again, and open the address that it prints.</p>
</div>
`;

const UPDATE_STATES: Record<UpdateProgress["state"], string> = {
	preview: "A preview is running.",
	running: "The update is running.",
	succeeded: "The update has succeeded.",
	failed: "The update has failed.",
};

const renderSection = (cutover: CutoverReport, index: number, report: Report) =>
	html`<section aria-labelledby="cutover-${index}">
<h2 id="cutover-${index}">${cutover.name}</h2>
<p class="verdict">${renderBadge(cutover)} <span>${renderVerdict(cutover, report)}</span></p>
${renderReasons(cutover)}
${renderFacts(factsAbout(cutover))}
${cutover.repeatReason !== undefined && html`<p class="notice">${cutover.repeatReason}: ${report.continues ? "an update" : html`the next <code>pulumi up</code>`} repeats the whole cutover. The following is its last run.</p>`}
${cutover.isDerived && html`<p class="notice">Read from the state, because the configuration has no cutovers. The state holds the steps that have run. The other steps follow from the participants, with T3 on the post offices unless a complete run had none. What has changed in the program since the last update is not included.</p>`}
${!report.hasLog && isStopped(cutover) && html`<p class="notice">If an update failed: the reason is not in the state. To see it here, keep the events of the update and give them to this report: <code>PULUMI_DEBUG_COMMANDS=true pulumi up --yes --stack ${report.stack} --event-log up.jsonl</code>, then <code>npx exchange-dirsync report --stack ${report.stack} --event-log up.jsonl</code>.</p>`}
${cutover.before.map((failure) => renderFailure(failure))}
${renderTimeline(cutover.steps, report.continues)}
${renderTable(cutover.steps, index, report)}
</section>
`;

const renderFacts = (facts: readonly (readonly [string, Html | string])[]) =>
	html`<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

function factsAbout({ run, exchange, postOffices, steps }: CutoverReport) {
	const timed = steps.filter(isTimed);
	const start = Math.min(...timed.map((step) => step.start));
	const end = Math.max(...timed.map((step) => step.end));
	const times: (readonly [string, string])[] =
		timed.length === 0
			? []
			: [
					...(steps.some(({ state }) => state === "running")
						? ([
								["From", formatTimestamp(start)],
								["So far", formatDuration(end - start)],
							] as const)
						: ([
								[
									"From, to",
									`${formatTimestamp(start)} to ${renderUntil(start, end)}`,
								],
								["In all", formatDuration(end - start)],
							] as const)),
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
	running: ["\u25cf", "running"],
	stopped: ["\u2016", "stopped"],
	pending: ["\u2026", "end unknown"],
	next: ["\u25b8", "next"],
	open: ["\u25cb", "not begun"],
};

const renderMark = (state: keyof typeof MARKS) =>
	html`<span class="mark ${state}"><span aria-hidden="true">${MARKS[state][0]}</span> ${MARKS[state][1]}</span>`;

const renderBadge = (cutover: CutoverReport) => renderMark(stateText(cutover));

function stateText({
	steps,
	before,
	checks,
}: CutoverReport): keyof typeof MARKS {
	const some = (state: StepState) => steps.some((step) => step.state === state);
	if (before.length > 0 || some("failed")) return "failed";
	if (checks.length > 0 || some("running")) return "running";
	if (some("pending")) return "pending";
	if (steps.every(({ state }) => state === "done")) return "done";
	return some("done") ? "stopped" : "open";
}

/** Whether the cutover is unfinished and no failure is known that explains it. */
const isStopped = (cutover: CutoverReport) =>
	cutover.repeatReason === undefined &&
	["stopped", "open"].includes(stateText(cutover));

function renderVerdict(cutover: CutoverReport, { continues }: Report): string {
	const { steps, before, checks } = cutover;
	const those = (...states: StepState[]) =>
		steps.filter(({ state }) => states.includes(state));
	const done = `${those("done").length} of ${steps.length} steps are done`;
	const next = renderList(those("next").map(renderName));
	const running = renderList(
		[...checks, ...those("running").map(toWork)].map(renderSince),
	);
	switch (stateText(cutover)) {
		case "failed": {
			const places = renderList([
				...before.map(renderPlace),
				...those("failed").map(renderName),
			]);
			return running === ""
				? `Stopped at ${places}. ${done}.`
				: `Failed: ${places}. Still running: ${running}. ${done}.`;
		}
		case "running":
			// The steps on the page are then those of an earlier run.
			if (cutover.repeatReason !== undefined) return `Running ${running}.`;
			return `Running ${running}. ${done}.${next && ` Next: ${next}.`}`;
		case "pending":
			return `An update is running ${renderList(those("pending").map(renderName))}, or was killed there. ${done}.`;
		case "stopped":
			if (cutover.repeatReason !== undefined) return `Stopped. ${done}.`;
			return continues
				? `Not yet continued. Next: ${next}. ${done}.`
				: `Stopped before ${next}. ${done}.`;
		case "done":
			return `All ${steps.length} steps are done.`;
		default:
			return `Not begun: ${steps.length} steps.`;
	}
}

const toWork = (step: StepReport): OtherWork => ({
	place: renderName(step),
	start: step.start as number,
});

const renderSince = ({ place, start }: OtherWork): string =>
	`${place} since ${formatTime(start)}`;

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
const renderTable = (
	steps: readonly StepReport[],
	index: number,
	report: Report,
) => html`<table role="table"${report.watch && html` id="${tableId(index)}" tabindex="-1"`}>
<caption>Steps</caption>
<thead role="rowgroup"><tr role="row">${["No.", "Phase", "Step", "Host", "State", "Start", "Duration", "Evidence"].map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${steps.map((step, place) => renderTableRow(step, place, report))}</tbody>
</table>`;

function renderTableRow(step: StepReport, index: number, report: Report): Html {
	const cell = (
		head: string,
		value: Html | string | number | false | undefined,
	) =>
		html`<td role="cell" data-head="${head}" class="${head.toLowerCase().replace(/\W/g, "")}">${value}</td>`;
	const took = isTimed(step) && formatDuration(step.end - step.start);
	return html`<tr role="row" id="${step.id}" class="${step.state}">
${cell("No.", index + 1)}
${cell("Phase", html`<b class="phase ${step.phase}">${step.phase}</b>`)}
<th scope="row" role="rowheader" data-head="Step"><code>${step.label}</code></th>
${cell("Host", step.host === "" ? "a fixed time" : step.host)}
${cell("State", renderMark(step.state))}
${cell("Start", step.start === undefined ? "" : formatTimestamp(step.start))}
${cell("Duration", step.state === "running" ? `${took} so far` : took)}
${cell("Evidence", renderEvidence(step, report))}
</tr>`;
}

function renderEvidence(
	{ state, failure, evidence }: StepReport,
	{ continues }: Report,
): Html {
	if (failure) return renderFailure(failure, true);
	switch (state) {
		case "next":
			if (continues) return html`Next, if no step fails.`;
			return html`Not done: the next <code>pulumi up</code> continues here.`;
		case "pending":
			return html`Started, and its end is unknown: an update is running it or was killed. After a killed update, <code>pulumi cancel</code> comes before the next.`;
		default:
			return html`<span class="foreign">${evidence}</span>`;
	}
}
