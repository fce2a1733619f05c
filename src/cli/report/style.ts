import { Html } from "./html";

/**
 * The only style sheet of the page. The contrast of texts is at least 4.5 to 1 and that of bars 3 to 1, in light and
 * dark mode.
 */
export const STYLE = new Html(`
:root {
	color-scheme: light dark;
	--ground: #f6f5f1; --card: #fff; --text: #1d2329; --soft: #59626b; --line: #dcdad3;
	--program: #2b6cb0; --kick: #8a3ab9; --wait: #7c8690;
	--done: #1c6e41; --done-soft: #e3f2e9; --failed: #b3261e; --failed-soft: #fbe9e7;
	--next: #8a5300; --next-soft: #fbf0dc; --open: #59626b; --open-soft: #ecebe6;
	--label: 15rem;
}
@media screen and (prefers-color-scheme: dark) {
	:root {
		--ground: #14171a; --card: #1c2024; --text: #e4e7ea; --soft: #a0a9b2; --line: #343a41;
		--program: #6aa9ec; --kick: #c792ea; --wait: #87919b;
		--done: #7fd3a0; --done-soft: #1b3426; --failed: #ff9d94; --failed-soft: #3d201e;
		--next: #efbe6b; --next-soft: #382c14; --open: #a0a9b2; --open-soft: #2a2f35;
	}
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 3rem); max-width: 96rem; background: var(--ground);
	color: var(--text); font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0 0 0.75rem; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 0; font-size: 1.3rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0.5rem 0; }
a { color: inherit; }
code, pre, .foreign { font-family: ui-monospace, Consolas, "Liberation Mono", Menlo, monospace; font-size: 0.875em; }
code { overflow-wrap: anywhere; }
small { color: var(--soft); font-size: 0.875em; }
dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 0.75rem 0; }
dt { color: var(--soft); font-size: 0.8125rem; }
dd { margin: 0; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; margin: 1rem 0 0; padding: 0; list-style: none; }
section { margin-top: 1.5rem; padding: clamp(0.875rem, 2vw, 1.75rem); border: 1px solid var(--line);
	border-radius: 0.75rem; background: var(--card); }
footer { margin-top: 1.5rem; color: var(--soft); font-size: 0.875rem; }

.mark { display: inline-block; padding: 0 0.55em; border: 1px solid currentColor; border-radius: 1em; font-size: 0.8125rem;
	font-weight: 600; white-space: nowrap; }
.mark.done { color: var(--done); background: var(--done-soft); }
.mark.failed { color: var(--failed); background: var(--failed-soft); }
.mark.stopped, .mark.pending, .mark.next { color: var(--next); background: var(--next-soft); }
.mark.open { color: var(--open); background: var(--open-soft); }
.verdict .mark { margin-right: 0.35rem; font-size: 0.9375rem; }
.reasons { margin: 0.5rem 0; padding-left: 1.25rem; max-width: 60rem; overflow-wrap: anywhere; }
.reasons a { font-weight: 600; color: var(--failed); }
.notice { max-width: 60rem; padding: 0.6rem 0.9rem; border-left: 4px solid var(--next); background: var(--next-soft); }
.failure { max-width: 60rem; padding: 0.5rem 0.9rem; border-left: 4px solid var(--failed); background: var(--failed-soft); }
.failure p { margin: 0.25rem 0; overflow-wrap: anywhere; }
section > .failure { margin: 0.75rem 0; }
pre { margin: 0.5rem 0 0.25rem; white-space: pre-wrap; overflow-wrap: anywhere; }
b.phase { display: inline-block; min-width: 2.6rem; padding: 0 0.35rem; border-radius: 0.3rem; text-align: center;
	font-size: 0.75rem; line-height: 1.35rem; color: var(--soft); background: var(--open-soft); }

figure { margin: 1.5rem 0; }
figcaption, caption { padding: 0 0 0.5rem; text-align: left; font-weight: 600; }
.timeline { position: relative; padding-top: 2.6rem; }
.timeline ol { position: relative; margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line); }
.timeline li { display: grid; grid-template-columns: var(--label) 1fr; align-items: center; min-height: 1.9rem; }
.timeline .label { display: flex; gap: 0.5rem; align-items: baseline; padding-right: 0.75rem; font-size: 0.875rem;
	text-decoration: none; overflow-wrap: anywhere; line-height: 1.3; }
.timeline .label:hover span { text-decoration: underline; }
.lane { position: relative; height: 1.4rem; margin-right: 8px; }
.rules, .ticks { position: absolute; left: var(--label); right: 8px; }
.rules { top: 2.3rem; bottom: 0; }
.ticks { top: 0; height: 2.4rem; }
.rule { position: absolute; top: 0; bottom: 0; border-left: 1px solid var(--line); }
.pause { position: absolute; top: 0; bottom: 0; border: dashed var(--line); border-width: 0 1px;
	background: repeating-linear-gradient(135deg, var(--line) 0 2px, transparent 2px 7px); }
.tick { position: absolute; bottom: 0.15rem; font-size: 0.75rem; line-height: 1.2; white-space: nowrap; color: var(--soft);
	font-variant-numeric: tabular-nums; transform: translateX(-50%); text-align: center; }
.tick.right { transform: none; text-align: left; }
.tick.left { transform: translateX(-100%); text-align: right; }
.tick small { display: block; font-size: 0.6875rem; order: -1; }
.bar { position: absolute; top: 0.2rem; height: 1rem; min-width: 6px; border-radius: 3px; }
.bar.program { background: var(--program); }
.bar.kick { background: var(--kick); border-radius: 0.5rem; min-width: 1rem; margin-left: -0.25rem; }
.bar.t3-done { background: var(--done); }
.bar.wait { background: repeating-linear-gradient(135deg, var(--wait) 0 3px, transparent 3px 6px); border: 1px solid var(--wait); }
.note, .flag { position: absolute; top: 0; line-height: 1.4rem; font-size: 0.75rem; white-space: nowrap; padding: 0 0.4rem;
	font-variant-numeric: tabular-nums; }
.note { color: var(--soft); background: var(--card); border-radius: 0.2rem; }
.note.after { left: max(var(--to), calc(var(--from) + 0.8rem)); margin-left: 2px; }
.note.before { right: calc(100% - var(--from) + 0.25rem); }
.note.within { left: calc(var(--from) + 0.2rem); top: 0.2rem; margin-left: 0.2rem; line-height: 1rem; border-radius: 0.2rem;
	color: var(--text); background: var(--card); }
.flag { border-radius: 0.3rem; font-weight: 600; }
.flag.after { left: var(--at); }
.flag.before { right: calc(100% - var(--at)); }
.flag.failed { color: var(--failed); background: var(--failed-soft); }
.flag.pending, .flag.next { color: var(--next); background: var(--next-soft); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; font-size: 0.8125rem; color: var(--soft); }
.legend i { position: static; display: inline-block; width: 1.6rem; height: 0.8rem; margin: 0 0.3rem 0 0; vertical-align: -0.05rem; }

table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th, td { padding: 0.5rem 0.9rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.8125rem; white-space: nowrap; }
tbody th { font-weight: 600; white-space: nowrap; }
tr:target { outline: 2px solid var(--program); outline-offset: -2px; }
td.start, td.duration, td.host { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.evidence { width: 45%; padding-right: 0; }
.foreign { overflow-wrap: anywhere; white-space: pre-wrap; }
tr.open { color: var(--soft); }

@media screen and (max-width: 42rem) {
	:root { --label: 0px; }
	.timeline li { grid-template-columns: 1fr; padding: 0.25rem 0; }
	.timeline li + li { border-top: 1px solid var(--line); }
	.timeline .label { justify-self: start; padding: 0.1rem 0; background: var(--card); }
	.lane:empty { display: none; }
}
@media (max-width: 60rem) {
	.tick.wide { display: none; }
	thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
	table, tbody, tr, th, td { display: block; }
	caption { display: block; }
	tbody tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.6rem; padding: 0.6rem 0;
		border-bottom: 1px solid var(--line); }
	th, td, td.evidence { width: auto; padding: 0.1rem 0; border: 0; white-space: normal; }
	td.no { min-width: 1.2rem; color: var(--soft); }
	td.state { order: 1; }
	td.host, td.start, td.duration, td.evidence { order: 2; flex: 0 0 100%; display: grid;
		grid-template-columns: 5rem minmax(0, 1fr); }
	td.host::before, td.start::before, td.duration::before, td.evidence::before { content: attr(data-head);
		color: var(--soft); font-size: 0.8125rem; }
	td.evidence:has(> .failure) { display: block; }
	td.evidence:has(> .failure)::before { content: none; }
	td:empty { display: none; }
	td.evidence:has(> .foreign:empty) { display: none; }
}
@media (min-width: 30rem) and (max-width: 60rem) {
	tbody tr::after { order: 1; flex: 0 0 100%; content: ""; }
	td.host, td.start, td.duration { flex: 0 1 auto; display: flex; gap: 0.5rem; align-items: baseline; margin-right: 1.25rem; }
}
@media print {
	:root { --ground: #fff; }
	body { padding: 0; font-size: 0.875rem; }
	section { border: 0; padding: 0; }
	.timeline li, tr, .failure { break-inside: avoid; }
	.bar, b.phase, .mark, .pause, .flag, .failure, .notice { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
	nav { display: none; }
}
`);

/** The additional style sheet of a page that follows an update. */
export const WATCH_STYLE = new Html(`
:root { --running: #17579c; --running-soft: #e2edf9; }
@media screen and (prefers-color-scheme: dark) {
	:root { --running: #8fc1f5; --running-soft: #1b2d41; }
}
.mark.running { color: var(--running); background: var(--running-soft); }
.bar.running { border-right: 3px solid var(--running); border-radius: 3px 0 0 3px; }
.spoken, .skip a:not(:focus) { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
	white-space: nowrap; }
.skip a { font-weight: 600; }
a:focus-visible, table:focus-visible { outline: 2px solid var(--program); outline-offset: 2px; }
`);
