import { expect, it } from "vitest";
import { formatEvent } from "./service-log.ts";

it.each([
	["start kicks=1", "started with PauseKicksDX 1"],
	["pause", "received a pause"],
	["cycle T2", "cycle T2"],
	["says 105 4", "updates received: 4"],
	["says 171 0", "updates sent: none"],
	["stop refused", "stop refused"],
])("the event %s of the service is printed as: %s", (event, text) => {
	expect(formatEvent({ time: new Date(0), event })).toBe(
		`1970-01-01T00:00:00.000Z  ${text}`,
	);
});
