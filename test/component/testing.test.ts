/**
 * `mockState`, for the unit tests of users: what a host prints, without a host.
 *
 * Pulumi is mocked by `mockState` itself. Not tested here: that it works from the tarball, see test/package.
 */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PauseKicksDX } from "../../src/components/pause-kicks-dx.ts";
import { PostOfficeCutover } from "../../src/components/post-office-cutover.ts";
import type { Exchange, Waits } from "../../src/model/cutover-args.ts";
import { planSteps } from "../../src/model/cutover-plan.ts";
import { Role } from "../../src/model/host.ts";
import { mockState } from "../../src/testing.ts";
import { sshArgs } from "./host-args.ts";

const AT = "1999-03-01T22:00:00Z";

beforeEach(() =>
	pulumi.runtime.setMocks({
		newResource: (args) => ({ id: `${args.name}_id`, state: mockState(args) }),
		call: (args) => args.inputs,
	}),
);

// Pulumi registers outputs in the background.
afterEach(() => pulumi.runtime.disconnect());

const resolved = (output: pulumi.Output<unknown>) =>
	new Promise((resolve) => {
		output.apply(resolve);
	});

const SSH = { ssh: sshArgs() };
const SAMBA = {
	samba: { host: "10.0.0.9", user: "Administrator", password: "a-password" },
};
const COMMAND = { host: "PO-HARBOR", command: "type X:\\L", contains: "x" };
const FIXED = { t1Delivered: { seconds: 600 }, t2Delivered: { seconds: 0 } };
const BY_COMMAND = { t1Delivered: COMMAND, t2Delivered: COMMAND };

describe("a mocked cutover", () => {
	it.each<[string, Omit<Exchange, "name">, Waits]>([
		["requestor", { role: Role.Requestor, ...SSH }, FIXED],
		["requestor, with commands", { role: Role.Requestor, ...SSH }, BY_COMMAND],
		["server", { role: Role.Server, ...SSH }, FIXED],
		["server, by Samba", { role: Role.Server, ...SAMBA }, BY_COMMAND],
	])("has every step where Exchange is the %s", async (_, host, waits) => {
		const exchange = { name: "EXCH01", ...host };
		const role = host.role === "server" ? Role.Requestor : Role.Server;
		const office = { name: "PO-HARBOR", role };
		const { steps } = new PostOfficeCutover("harbor", {
			...{ run: "rehearsal-1", exchange, waits },
			postOffices: [
				{
					...{ ...office, drive: "X", directory: "C:\\MAILEXE" },
					ssh: sshArgs({ host: "mail1.corp.example" }),
					...{ admin: "admin", adminPassword: pulumi.secret("hunter2") },
				},
			],
		});
		const plan = planSteps({
			exchange,
			postOffices: [{ ...office, machine: "mail1" }],
			applyOnPostOffices: true,
		});
		expect(await resolved(steps)).toEqual(
			plan.map(({ name }) =>
				expect.objectContaining({
					...{ step: name, start: AT, end: "1999-03-01T22:00:01Z" },
					evidence: "success of a mocked host",
				}),
			),
		);
	});
});

it.each([SSH, SAMBA])("a mocked host has its outputs: %j", async (access) => {
	const host = new PauseKicksDX("EXCH01", {
		...{ role: Role.Requestor, ...access },
		cycle: { triggers: ["a"] },
	});
	expect(
		await resolved(pulumi.all([host.value, host.previous, host.kickedAt])),
	).toEqual([1, "absent", AT]);
});

it("a command of another package has no output", async () => {
	const create = "sleep 1 && echo done";
	const own = new command.local.Command("own", { create, triggers: ["a"] });
	expect(await resolved(own.stdout)).toBeUndefined();
});
