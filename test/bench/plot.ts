import type { Results } from "./results.ts";
import { STEPS } from "./side.ts";
import { type Described, describeSide, inWords } from "./ways.ts";

/** Colours that colour-blind people can distinguish (Okabe and Ito). */
const COLOURS: Record<Described["tool"], string> = {
	"this package": "#0072b2",
	"plain commands": "#d55e00",
	Ansible: "#009e73",
	ssh: "#000000",
};
const PANEL = { width: 250, height: 200, left: 44, top: 28, gap: 26 };

/**
 * Wall time by number of hosts, both on logarithmic scales: a panel for each step, a line for each side. The colour shows
 * the tool, a broken line another way to run it, and a bar the spread of the runs.
 */
export function plot(results: Results): string {
	const measured = results.samples.filter(({ hosts }) => hosts > 0);
	const sizes = results
		.values("hosts")
		.filter((size) => size > 0)
		.sort((a, b) => a - b);
	// A side that only checks has one point, and is in the tables.
	const sides = results
		.values("side")
		.filter((side) =>
			measured.some((each) => each.side === side && each.step === "first up"),
		);
	const walls = measured.map(({ wall }) => wall);
	const low = Math.floor(Math.log10(Math.min(...walls)));
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...walls))));
	const least = Math.log10(Math.min(...sizes));
	const range = Math.log10(Math.max(...sizes)) - least || 1;
	const x = (hosts: number) =>
		round(((Math.log10(hosts) - least) / range) * PANEL.width);
	const y = (wall: number) =>
		round(PANEL.height * (1 - (Math.log10(wall) - low) / (high - low)));
	const panel = (step: (typeof STEPS)[number]) => {
		const grid = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
			(power) =>
				`<path d="M0 ${y(10 ** power)}H${PANEL.width}" stroke="#ddd"/><text x="-6" y="${y(10 ** power) + 4}" text-anchor="end">${10 ** power}</text>`,
		);
		const ticks = sizes.map(
			(hosts) =>
				`<text x="${x(hosts)}" y="${PANEL.height + 16}" text-anchor="middle">${hosts}</text>`,
		);
		const lines = sides.map((side) => {
			const marks = sizes.flatMap((hosts) => {
				const each = results.of(hosts, step, side).map(({ wall }) => wall);
				if (each.length === 0) return [];
				return {
					at: `${x(hosts)} ${y(results.median("wall", hosts, step, side))}`,
					bar: `M${x(hosts)} ${y(Math.min(...each))}V${y(Math.max(...each))}`,
				};
			});
			if (marks.length === 0) return "";
			return `<g ${styleOf(side)}><path d="M${marks.map(({ at }) => at).join("L")}"/><path d="${marks.map(({ bar }) => bar).join("")}" stroke-dasharray="none"/>${marks.map(({ at }) => dot(side, at)).join("")}</g>`;
		});
		return `<text y="-10" font-weight="bold">${step}</text>${[...grid, ...ticks, ...lines].join("")}`;
	};
	const place = (index: number) =>
		`translate(${PANEL.left + (index % 3) * (PANEL.width + PANEL.left)} ${PANEL.top + Math.floor(index / 3) * (PANEL.height + PANEL.top + PANEL.gap)})`;
	const legend = sides
		.map((side, index) => {
			const middle = index * 22 + 8;
			return `<g ${styleOf(side)}><path d="M0 ${middle}H30"/>${dot(side, `15 ${middle}`)}</g><text x="38" y="${middle + 4}">${inWords(side)}</text>`;
		})
		.join("");
	const rows = Math.ceil((STEPS.length + 1) / 3);
	const width = 3 * (PANEL.width + PANEL.left) + 20;
	const height = rows * (PANEL.height + PANEL.top + PANEL.gap);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><title>Seconds by number of hosts</title><rect width="100%" height="100%" fill="#fff"/>
${STEPS.map((step, index) => `<g transform="${place(index)}">${panel(step)}</g>`).join("\n")}
<g transform="${place(STEPS.length)}"><text y="-10" font-weight="bold">seconds by number of hosts</text>${legend}</g></svg>
`;
}

const round = (value: number) => Math.round(value * 10) / 10;

function styleOf(side: string): string {
	const { tool, how } = describeSide(side);
	const dashes = how === "" ? "" : ` stroke-dasharray="${dashesOf(how)}"`;
	return `fill="none" stroke="${COLOURS[tool]}" stroke-width="2"${dashes}`;
}

const dashesOf = (how: string) => (how.includes("stacks") ? "1 4" : "6 4");

/** Filled, or hollow if the tool is run in several stacks. */
function dot(side: string, at: string): string {
	const { tool, how } = describeSide(side);
	const [cx, cy] = at.split(" ");
	const fill = how.includes("stacks") ? "#fff" : COLOURS[tool];
	return `<circle cx="${cx}" cy="${cy}" r="3" fill="${fill}" stroke-dasharray="none"/>`;
}
