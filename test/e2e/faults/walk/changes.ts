import assert from "node:assert/strict";
import fc from "fast-check";
import { rotate as rotateSecret } from "../../fixture.ts";
import { newVerify } from "./accidents.ts";
import { command, hostCommand, hostOf } from "./command.ts";
import { letter, someHost } from "./draw.ts";
import {
	destroy,
	type HostModel,
	type Model,
	renameHost,
	renameStack,
	replaceEnforcement,
	succeeds,
	type Target,
	up,
} from "./model.ts";

/** Whether nothing is left to do: an update would log in to no host. */
const atRest = (model: Model) => up(structuredClone(model)).length === 0;

/** Whether the host has a receipt for its cycle: a trigger resource that is created again then sends no kick. */
const remembered = ({ wish, settled, receipt }: HostModel) =>
	wish === settled && wish === receipt;

/** An update without a change. It usually has nothing to do. */
export const plainUp = fc.constant(
	command(
		"up",
		() => true,
		(model, world) => world.up(model),
	),
);

export const newTriggers = fc.tuple(someHost, letter).map(([id, triggers]) =>
	hostCommand(
		id,
		`triggers ${triggers}`,
		({ wish }) => wish !== undefined && wish !== triggers,
		async (host, world, model) => {
			host.wish = triggers;
			await world.up(model);
		},
	),
);

export const cycleOut = someHost.map((id) => {
	const change = (model: Model) => {
		const host = hostOf(model, id);
		host.wish = undefined;
		host.due = true;
	};
	return hostCommand(
		id,
		"take out the cycle",
		({ wish }, model) => wish !== undefined && succeeds(model, change),
		async (_, world, model) => {
			change(model);
			await world.up(model);
		},
	);
});

export const cycleBack = fc.tuple(someHost, letter).map(([id, triggers]) =>
	hostCommand(
		id,
		`put back the cycle with ${triggers}`,
		({ wish }) => wish === undefined,
		async (host, world, model) => {
			host.wish = triggers;
			host.due = true;
			await world.up(model);
		},
	),
);

export const verify = fc.constant(
	command(
		"new verify",
		() => true,
		async (model, world) => {
			newVerify(model);
			await world.up(model);
		},
	),
);

export const rotate = someHost.map((id) =>
	hostCommand(
		id,
		"rotate key or password",
		() => true,
		async (host, world, model) => {
			await rotateSecret(await world.lab(host));
			host.due = true;
			await world.up(model);
		},
	),
);

export const move = someHost.map((id) =>
	hostCommand(
		id,
		"change the address",
		() => true,
		async (host, world, model) => {
			host.moved = !host.moved;
			host.due = true;
			await world.up(model);
		},
	),
);

export const otherName = someHost.map((id) => {
	const change = (model: Model) => {
		const names = [`EXCH${id}`, `EXCH${id}-NEW`] as const;
		const host = hostOf(model, id);
		renameHost(host, host.name === names[0] ? names[1] : names[0]);
	};
	return hostCommand(
		id,
		"change the name",
		(host, model) =>
			(!host.enforced || remembered(host)) && succeeds(model, change),
		async (_, world, model) => {
			change(model);
			await world.up(model);
		},
	);
});

export const otherStackName = fc.constant(
	command(
		"rename the stack",
		() => true,
		async (model, world) => {
			renameStack(model, model.stack === "lab" ? "moved" : "lab");
			await world.must("stack", "rename", model.stack);
			world.stack.name = model.stack;
			await world.up(model);
		},
	),
);

export const addOrRemove = fc.constant(
	command(
		"add or remove host 1",
		(model) => {
			const { declared } = hostOf(model, 1);
			return !declared || succeeds(model, removeSecond);
		},
		async (model, world) => {
			hostOf(model, 1).declared = !hostOf(model, 1).declared;
			await world.up(model);
		},
	),
);

function removeSecond(model: Model): void {
	hostOf(model, 1).declared = false;
}

export const destroyed = fc.constant(
	command(
		"destroy",
		({ hosts }) => hosts.some(({ enforced }) => enforced),
		(model, world) =>
			world.run(destroy(model), "destroy", "--yes", "--skip-preview"),
	),
);

export const refresh = fc.constant(
	command(
		"refresh",
		({ hosts }) => hosts.some(({ enforced }) => enforced),
		(_, world) => world.run([], "refresh", "--yes", "--skip-preview"),
	),
);

export const replaced = fc
	.tuple(someHost, fc.constantFrom<Target["part"]>("enforcement", "trigger"))
	.map(([id, part]) =>
		hostCommand(
			id,
			`replace the ${part}`,
			(host, model) =>
				host.enforced &&
				atRest(model) &&
				(part === "enforcement" ||
					(host.wish !== undefined && remembered(host))),
			async (host, world, model) => {
				const urn = await world.urn({ host, part });
				const visits =
					part === "enforcement" ? replaceEnforcement(host) : [{ host }];
				const output = await world.update(model, visits, "--replace", urn);
				if (part === "trigger") assert.match(output, /was already started/);
			},
		),
	);

/** A change that affects all hosts, and an update of only one resource of one host. */
export const targeted = fc
	.tuple(someHost, fc.constantFrom<Target["part"]>("enforcement", "trigger"))
	.map(([id, part]) =>
		hostCommand(
			id,
			`target the ${part}`,
			(_, model) =>
				atRest(model) &&
				model.hosts.every(({ enforced, wish }) => enforced && wish),
			async (host, world, model) => {
				if (part === "enforcement") newVerify(model);
				else
					for (const each of model.hosts)
						each.wish = each.wish === "a" ? "b" : "a";
				await world.up(model, { host, part });
			},
		),
	);
