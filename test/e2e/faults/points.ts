import type { GateOptions } from "../../lab/gate.ts";

/** A point at which a run can be interrupted: what the run has done so far, and the program that is blocked there. */
export interface Point {
	name: string;
	gate: GateOptions;
}

/** The points of a kick. */
export const KICK_POINTS: readonly Point[] = [
	{ name: "connected", gate: { when: "before", program: "session" } },
	{ name: "intent written", gate: { when: "before", program: "net pause" } },
	{ name: "control sent", gate: { when: "after", program: "net pause" } },
	{ name: "receipt written", gate: { when: "before", program: "dx-success" } },
	{ name: "answer given", gate: { when: "after", program: "session" } },
];

/** The points of an enforcement that writes the value and restarts the service. */
export const ENFORCE_POINTS: readonly Point[] = [
	{ name: "connected", gate: { when: "before", program: "session" } },
	{ name: "value written", gate: { when: "before", program: "net stop" } },
	{ name: "service stopped", gate: { when: "after", program: "net stop" } },
	{ name: "service started", gate: { when: "after", program: "net start" } },
	{ name: "work done", gate: { when: "before", program: "dx-success" } },
	{ name: "answer given", gate: { when: "after", program: "session" } },
];

/** The points of an enforcement over Samba, by calls. After the last call nothing changes on the host. */
export const SAMBA_ENFORCE_POINTS: readonly Point[] = [
	{ name: "connected", gate: { when: "before", program: "session" } },
	{ name: "value written", gate: { when: "before", program: "stop MSEx" } },
	{ name: "service stopped", gate: { when: "after", program: "stop MSEx" } },
	{ name: "service started", gate: { when: "after", program: "start MSEx" } },
	{ name: "work done", gate: { when: "before", program: "DeleteKey" } },
	{ name: "lock let go of", gate: { when: "after", program: "DeleteKey" } },
];

/** The points of a kick over Samba, by calls. */
export const SAMBA_KICK_POINTS: readonly Point[] = [
	{ name: "connected", gate: { when: "before", program: "session" } },
	{ name: "intent written", gate: { when: "before", program: "pause MSEx" } },
	{ name: "control sent", gate: { when: "after", program: "pause MSEx" } },
	{ name: "receipt written", gate: { when: "before", program: "DeleteKey" } },
	{ name: "lock let go of", gate: { when: "after", program: "DeleteKey" } },
];
