import type { runtime } from "@pulumi/pulumi";
import {
	END_MARK,
	HOST_CYCLE,
	HOST_FILE,
	marker,
} from "./protocol/host-record";
import {
	ABSENT,
	DURATION_PREFIX,
	PREVIOUS_PREFIX,
	RESTARTED_PREFIX,
	STARTED_PREFIX,
} from "./protocol/step-output";

/**
 * The state of a resource for `pulumi.runtime.setMocks`: its inputs, and for the commands of this package also the output
 * of a host on which the command succeeded. Without it the outputs of the components are undefined in a unit test.
 *
 * The mocked host had no value before, was restarted, and started each cycle at 1999-03-01T22:00:00Z. Every step of a
 * cutover succeeded at that time.
 *
 * @example
 * pulumi.runtime.setMocks({
 *   newResource: (args) => ({ id: `${args.name}_id`, state: mockState(args) }),
 *   call: (args) => args.inputs,
 * });
 */
export function mockState({
	inputs,
}: runtime.MockResourceArgs): Record<string, unknown> {
	if (!isOurs(inputs)) return inputs;
	const isEnforcement = inputs.triggers === undefined;
	return {
		...inputs,
		stdout: (isEnforcement ? ENFORCED : KICKED).join("\r\n"),
		stderr: "",
	};
}

/** Whether the inputs are those of a command of this package. */
function isOurs({ stdin = "", create = "" }: Record<string, unknown>): boolean {
	const command = String(create);
	return (
		// The scripts over Samba are secret, so their text is inside an object.
		JSON.stringify(stdin).includes(END_MARK) ||
		// IMPORT gets the password by stdin. Its script is a file on the host.
		command.includes(HOST_FILE) ||
		// A wait of a fixed time runs on this machine, without a script.
		[STARTED_PREFIX, DURATION_PREFIX].every((prefix) =>
			command.includes(`echo ${prefix}`),
		)
	);
}

const DURATION = `${DURATION_PREFIX}1 s`;

const ENFORCED = [
	DURATION,
	`${PREVIOUS_PREFIX}${ABSENT}`,
	`${RESTARTED_PREFIX}yes`,
];

const KICKED = [
	DURATION,
	`"Receipt.${HOST_CYCLE}"="${marker.receipt(HOST_CYCLE)} 0123456789abcdef 1999-03-01T22:00:00Z net pause answered NET HELPMSG 3539;"`,
	"success of a mocked host",
];
