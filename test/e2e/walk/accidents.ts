import fc from "fast-check";
import { SERVICE } from "../fixture.ts";
import { BEHIND, breakOff, type Moment, type Victim } from "./break-off.ts";
import { type Command, hostCommand, hostOf } from "./command.ts";
import { letter, someHost } from "./draw.ts";
import { type Model, ONE, startService, succeeds } from "./model.ts";

/** Someone stops the service, or starts it again. */
export const stopOrStart = someHost.map((id) =>
	hostCommand(
		id,
		"stop or start the service",
		() => true,
		async (host, world) => {
			const lab = await world.lab(host);
			if (host.service === "stopped") {
				startService(host);
				await lab.startService();
			} else {
				host.service = "stopped";
				await lab.stopService();
			}
		},
	),
);

/** Someone changes the value behind our back, or sets it right by hand. */
export const drift = fc
	.tuple(
		someHost,
		fc.constantFrom(undefined, "dword:00000000", '"1"', "hex:01", ONE),
	)
	.map(([id, value]) =>
		hostCommand(
			id,
			`drift to ${value}`,
			(host) => host.enforced && host.value !== value,
			async (host, world) => {
				host.value = value;
				const lab = await world.lab(host);
				await lab.setRegistry(SERVICE, "PauseKicksDX", value);
			},
		),
	);

const someMoment: fc.Arbitrary<Moment> = fc.record({
	behind: fc.constantFrom(...BEHIND),
	ms: fc.nat(1200),
});

/** An update with new triggers, and perhaps a new verify, is broken off. */
export const brokenOff = fc
	.record({
		id: someHost,
		triggers: letter,
		verify: fc.boolean(),
		moment: someMoment,
		victim: fc.constantFrom<Victim>("engine", "everything"),
	})
	.map(({ id, triggers, verify, moment, victim }): Command => {
		const change = (model: Model) => {
			hostOf(model, id).wish = triggers;
			if (verify) newVerify(model);
		};
		return hostCommand(
			id,
			`break off ${triggers}${verify ? " with a new verify" : ""} ${moment.ms} ms behind ${moment.behind}, killing ${victim},`,
			(host, model) =>
				host.wish !== undefined &&
				host.wish !== triggers &&
				// One question at a time.
				model.hosts.every(
					(other) =>
						other === host || !other.declared || other.wish === other.settled,
				) &&
				succeeds(model, change),
			async (host, world, model) => {
				change(model);
				await breakOff(model, world, host, moment, victim);
			},
		);
	});

/** Has every host looked at by the next update. */
export function newVerify(model: Model): void {
	model.verify += 1;
	for (const host of model.hosts) host.due = true;
}
