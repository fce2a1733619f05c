import {
	PauseKicksDX,
	type PauseKicksDXArgs,
} from "../../src/components/pause-kicks-dx.ts";
import { Role, type Ssh } from "../../src/model/host.ts";
import { HOST_KEY } from "../unit/validation/ssh-keys.ts";
import { find, run, type World } from "./program.ts";

/** Returns the arguments of a requestor with a cycle, with the given changes. */
export function hostArgs(
	changes: Partial<PauseKicksDXArgs> = {},
): PauseKicksDXArgs {
	return {
		role: Role.Requestor,
		ssh: sshArgs(),
		cycle: { triggers: ["initial-import"] },
		...changes,
	};
}

export function sshArgs(changes: Partial<Ssh> = {}): Ssh {
	return {
		host: "exch01.corp.example",
		user: "Administrator",
		hostKey: HOST_KEY,
		password: "hunter2-of-host",
		...changes,
	};
}

/** Returns the inputs of both commands of a host that has a cycle. */
export async function inputsOf(
	changes: Partial<PauseKicksDXArgs>,
	{ name = "EXCH01", ...world }: World & { name?: string } = {},
) {
	const args = hostArgs(changes);
	const result = await run(() => void new PauseKicksDX(name, args), world);
	return {
		enforcement: find(result, name).inputs,
		trigger: find(result, `${name}-cycle`).inputs,
	};
}
