/** `npm start` and `npm start -- <trigger>`: one lab host, one real `pulumi up`, and what came of it on the host. */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { type LabHost, startHost } from "./lab/host.ts";
import { SERVICE_KEY } from "./lab/service-key.ts";
import { prepareMachine } from "./prepare.ts";
import { Stack } from "./stack.ts";
import { withProgress } from "./toolchain/progress.ts";

/** The host and the stack stay here, so that the next run goes on where this one ended. */
const FOLDER = join(import.meta.dirname, "../.lab/demo");

async function main(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const toolchain = await prepareMachine();
	const host = await withProgress("the host EXCH01", () =>
		startHost({ dir: join(FOLDER, "host") }),
	);
	try {
		const stack = await Stack.open(toolchain, FOLDER, "lab");
		await declare(stack, host, positionals);
		await show(stack, host);
	} finally {
		await host.stop();
	}
}

/** The host's address may be another one today; the triggers are the user's own unless new ones were given. */
async function declare(
	stack: Stack,
	host: LabHost,
	triggers: string[],
): Promise<void> {
	const { privateKey, ...ssh } = host.ssh;
	if (!(await stack.configured("credentials")))
		await stack.setSecret("credentials.EXCH01.privateKey", privateKey);
	const [known] = (await stack.configured("hosts")) ?? [];
	const cycle = known?.cycle ?? { triggers: ["initial-import"] };
	if (triggers.length > 0) cycle.triggers = triggers;
	await stack.configure({
		hosts: [{ name: "EXCH01", role: "requestor", ...known, ssh, cycle }],
	});
}

async function show(stack: Stack, host: LabHost): Promise<void> {
	const before = await host.registryValue(SERVICE_KEY, "PauseKicksDX");
	const seen = (await host.serviceLog()).length;
	const logins = await host.logins();

	console.log(`\n$ pulumi up --stack ${stack.name}\n`);
	const run = stack.start(["up", "--yes", "--skip-preview"]);
	run.all.pipe(process.stdout);
	const { exitCode } = await run;

	const after = await host.registryValue(SERVICE_KEY, "PauseKicksDX");
	const log = (await host.serviceLog()).slice(seen);
	const kicked = log.some(({ event }) => event.startsWith("cycle "));
	console.log(`
What happened on the host EXCH01, read there and not from the stack:
  log-ins    ${(await host.logins()) - logins}
  registry   PauseKicksDX was ${before ?? "absent"}, is ${after ?? "absent"}
  service    ${log.length === 0 ? "nothing: neither restarted nor kicked" : log.map(({ time, event }) => `${time.toISOString()}  ${event}`).join("\n             ")}`);
	if (kicked) await explain(host);
	console.log(`
Start another cycle with other triggers:
  npm start -- second-import
or change cycle.triggers in ${relative("", stack.file)} and run npm start again.
Without a change nothing is sent: try npm start as it is.`);
	if (exitCode !== 0) throw new Error("pulumi up failed, see above");
}

async function explain(host: LabHost): Promise<void> {
	const { stdout } = await host.exec("net helpmsg 3539");
	console.log(`  net pause  answered NET HELPMSG 3539: ${stdout.trim().replace(/\s+/g, " ")}
That error is the success: with PauseKicksDX = 1 the service takes a pause as the order to start a cycle at once,
and goes on running (Q146738). T1: this requestor has sent its changes to the dirsync server.`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
