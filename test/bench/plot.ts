import type { Results } from "./results.ts";
import { STEPS } from "./side.ts";

/** Colours that colour-blind people can distinguish (Okabe and Ito). The legend has the same order as the marks. */
const COLOURS = [
	"#0072b2",
	"#56b4e9",
	"#d55e00",
	"#e69f00",
	"#009e73",
	"#000000",
];
const PANEL = { width: 250, height: 200, left: 44, top: 28, gap: 26 };

/** Wall time by number of hosts, both on logarithmic scales: a panel for each step, a line for each side. */
export function plot(results: Results): string {
	const sizes = results.values("hosts").filter((size) => size > 0);
	const sides = results
		.values("side")
		.filter((side) => results.samples.some((s) => s.side === side && s.hosts));
	const walls = results.samples.filter((s) => s.hosts).map((s) => s.wall);
	const low = Math.floor(Math.log10(Math.min(...walls)));
	const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...walls))));
	const widest = Math.max(1, Math.log10(Math.max(...sizes)));
	const x = (hosts: number) => (Math.log10(hosts) / widest) * PANEL.width;
	const y = (wall: number) =>
		PANEL.height * (1 - (Math.log10(wall) - low) / (high - low));
	const panel = (step: (typeof STEPS)[number]) => {
		const grid = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
			(power) =>
				`<path d="M0 ${y(10 ** power)}H${PANEL.width}" stroke="#ddd"/><text x="-6" y="${y(10 ** power) + 4}" text-anchor="end">${10 ** power}</text>`,
		);
		const ticks = sizes.map(
			(hosts) =>
				`<text x="${x(hosts)}" y="${PANEL.height + 16}" text-anchor="middle">${hosts}</text>`,
		);
		const lines = sides.map((side, index) => {
			const points = sizes
				.map((hosts) => [hosts, results.median("wall", hosts, step, side)])
				.filter(([, wall]) => !Number.isNaN(wall))
				.map(([hosts = 1, wall = 1]) => `${x(hosts)},${y(wall)}`);
			const dots = points.map((point) => {
				const [cx, cy] = point.split(",");
				return `<circle cx="${cx}" cy="${cy}" r="3"/>`;
			});
			return `<g fill="${COLOURS[index]}"><polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[index]}" stroke-width="2"/>${dots.join("")}</g>`;
		});
		return `<text y="-10" font-weight="bold">${step}</text>${[...grid, ...ticks, ...lines].join("")}`;
	};
	const place = (index: number) =>
		`translate(${PANEL.left + (index % 3) * (PANEL.width + PANEL.left)} ${PANEL.top + Math.floor(index / 3) * (PANEL.height + PANEL.top + PANEL.gap)})`;
	const legend = sides
		.map(
			(side, index) =>
				`<rect y="${index * 22}" width="14" height="14" fill="${COLOURS[index]}"/><text x="22" y="${index * 22 + 12}">${side}</text>`,
		)
		.join("");
	const width = 3 * (PANEL.width + PANEL.left) + 20;
	const height =
		Math.ceil((STEPS.length + 1) / 3) * (PANEL.height + PANEL.top + PANEL.gap);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><title>Seconds by the number of hosts</title><rect width="100%" height="100%" fill="#fff"/>
${STEPS.map((step, index) => `<g transform="${place(index)}">${panel(step)}</g>`).join("\n")}
<g transform="${place(STEPS.length)}"><text y="-10" font-weight="bold">seconds by hosts</text>${legend}</g></svg>
`;
}
