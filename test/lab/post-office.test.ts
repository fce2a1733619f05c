import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Exchange, addExchange } from "./exchange.ts";
import { type LabHost, startHost } from "./host.ts";
import { addPostOffice, type PostOffice } from "./post-office.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

/** All that a command line cannot spoil, and that a log must not show. */
const PASSWORD = "S~cret*;,=!'";

let host: LabHost;
let office: PostOffice;
let calls = 0;
beforeAll(async () => {
	host = await startHost({ running: false });
	office = await addPostOffice(host, {
		...{ name: "PO-HARBOR", role: "server", drive: "X" },
		...{ password: PASSWORD, users: ["Anna", "Bert Berg"] },
	});
});
afterAll(() => host.stop());
beforeEach(async () => {
	await host.set(DEFAULT_SETTINGS);
	calls = (await office.calls()).length;
});

const run = (...programs: string[]) =>
	host.exec(`cd /d ${office.directory} & ${programs.join(" & ")}`);
const said = async (...programs: string[]) => (await run(...programs)).stdout;
const newCalls = async () => (await office.calls()).slice(calls);
