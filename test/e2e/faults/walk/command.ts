import type fc from "fast-check";
import type { HostModel, Model } from "./model.ts";
import type { World } from "./world.ts";

export type Command = fc.AsyncCommand<Model, World>;

/** One step of a walk: a user's change or an accident. It has a condition and changes the model and the world. */
export function command(
	name: string,
	check: (model: Model) => boolean,
	act: (model: Model, world: World) => Promise<unknown>,
): Command {
	return {
		check: (model) => model.left > 0 && check(model),
		toString: () => name,
		async run(model, world) {
			world.begin(name);
			model.left -= 1;
			await act(model, world);
			await world.judge(model);
		},
	};
}

/** A step for one host. It is possible only while the stack file lists the host. */
export function hostCommand(
	id: number,
	name: string,
	check: (host: HostModel, model: Model) => boolean,
	act: (host: HostModel, world: World, model: Model) => Promise<unknown>,
): Command {
	return command(
		`${name} of host ${id}`,
		(model) => hostOf(model, id).declared && check(hostOf(model, id), model),
		(model, world) => act(hostOf(model, id), world, model),
	);
}

export function hostOf({ hosts }: Model, id: number): HostModel {
	const host = hosts[id];
	if (!host) throw new Error(`walk: there is no host ${id}`);
	return host;
}
