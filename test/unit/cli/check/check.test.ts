import { expect, it, vi } from "vitest";
import { check } from "../../../../src/cli/check/check.ts";
import type { Host } from "../../../../src/cli/hosts.ts";
import { inspectHosts } from "../../../../src/cli/inspect-host.ts";
import type { Inspection } from "../../../../src/protocol/inspection.ts";

// No host is reached: the inspections are given.
vi.mock("../../../../src/cli/inspect-host.ts", () => ({
	inspectHosts: vi.fn(),
}));

const host = (name: string): Host => ({
	...{ name, kind: "ssh", cycleType: "T1", triggers: undefined },
	...{ onUncertain: "fail", onDestroy: "restore" },
	transport: {
		ssh: { host: name, port: 22, user: "u" },
		registryTool: "auto",
	},
});

it("a host is repaired by a new verify if it is in the state, else by the next update", async () => {
	const inspection: Inspection = {
		...{ service: "running", value: null, takesPause: null },
		...{ canStart: true, record: null },
	};
	vi.mocked(inspectHosts).mockResolvedValue([{ inspection }, { inspection }]);
	const found = await check({
		...{ id: "organization/migration/dev", source: "configuration" },
		...{ hosts: [host("OLD"), host("NEW")], inState: ["OLD"] },
		readState: () => Promise.reject(new Error("the state is not needed")),
		...{ verify: "migration:verify", cutoverKicks: new Map() },
	});
	expect(found).toMatchObject({
		result: "drift",
		hosts: [
			{
				drift: [
					{ text: expect.stringMatching(/\. Set migration:verify to a new/) },
					{ code: "no-record" },
				],
			},
			{
				drift: [
					{ text: expect.stringMatching(/absent\)\. Run pulumi up\.$/) },
					{ code: "no-record" },
				],
			},
		],
	});
});
