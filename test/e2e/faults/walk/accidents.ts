import fc from "fast-check";
import { SERVICE } from "../../fixture.ts";
import { breakOff, type Moment, type Victim } from "./break-off.ts";
import { type Command, hostCommand, hostOf } from "./command.ts";
import { letter, someHost } from "./draw.ts";
import { type Model, ONE, startService, succeeds } from "./model.ts";

/** An administrator stops the service, or starts it again. */
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

/** An administrator changes the value, or corrects it by hand. */
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

/** The work of the update that is interrupted, and the moments that occur in such an update. */
const doomed = fc.oneof(
	...(
		[
			["new triggers", ["a log-in", "a pause", "the trigger's last line"]],
			["a new verify too", ["a log-in", "the second log-in", "a pause"]],
			["drift and a new verify too", ["a stop", "a restart", "a pause"]],
		] as const
	).map(([work, behind]) =>
		fc.record({
			work: fc.constant(work),
			behind: fc.constantFrom<Moment["behind"]>("the call", ...behind),
			// Little time passes between control and receipt. After 700 ms most updates have ended.
			ms: fc.oneof(fc.nat(80), fc.nat(700)),
		}),
	),
);

/** An update that sends a kick is interrupted. */
export const brokenOff = fc
	.tuple(
		someHost,
		letter,
		doomed,
		fc.constantFrom<Victim>(
			"the engine",
			"engine and plugin",
			"engine, plugin and script",
			"all of it, programs on the host included,",
		),
	)
	.map(([id, triggers, { work, ...moment }, victim]): Command => {
		const drifts = work === "drift and a new verify too";
		const change = (model: Model) => {
			hostOf(model, id).wish = triggers;
			if (drifts) hostOf(model, id).value = undefined;
			if (work !== "new triggers") newVerify(model);
		};
		return hostCommand(
			id,
			`kill ${victim} ${moment.ms} ms behind ${moment.behind} of an update with ${work} (${triggers})`,
			(host, model) =>
				host.wish !== undefined &&
				host.wish !== triggers &&
				(!drifts || host.enforced) &&
				// At most one kick may be uncertain.
				model.hosts.every(
					(other) =>
						other === host || !other.declared || other.wish === other.settled,
				) &&
				succeeds(model, change),
			async (host, world, model) => {
				change(model);
				const lab = await world.lab(host);
				if (drifts) await lab.setRegistry(SERVICE, "PauseKicksDX", undefined);
				await breakOff(model, world, host, moment, victim);
			},
		);
	});

/** Makes the next update inspect every host. */
export function newVerify(model: Model): void {
	model.verify += 1;
	for (const host of model.hosts) host.due = true;
}
