/**
 * `npm start` and `npm start -- <run>`: starts one Exchange host and two MS Mail post offices, runs one real `pulumi
 * up` of a complete cutover, and prints the user lists before and after.
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { addExchange, type Exchange } from "./lab/exchange.ts";
import { type LabHost, startHost } from "./lab/host.ts";
import { MailNetwork } from "./lab/mail-network.ts";
import { addPostOffice, type PostOffice } from "./lab/post-office.ts";
import { SERVICE_KEY } from "./lab/service-key.ts";
import { formatEvent } from "./lab/service-log.ts";
import { prepareMachine } from "./prepare.ts";
import { Stack } from "./stack.ts";
import { withProgress } from "./toolchain/progress.ts";

/** Hosts and stack are kept here, so that the next run continues where this one ended. */
const FOLDER = join(import.meta.dirname, "../.lab/demo");
const PASSWORD = "lab";

interface Site {
	exchangeHost: LabHost;
	mailHost: LabHost;
	exchange: Exchange;
	/** The dirsync server is first. */
	offices: PostOffice[];
}

async function main(): Promise<void> {
	const { positionals } = parseArgs({ allowPositionals: true });
	const [run] = positionals;
	const toolchain = await prepareMachine();
	const [exchangeHost, mailHost] = await withProgress(
		"the hosts EXCH01 and MAIL1",
		() =>
			Promise.all([
				startHost({ dir: join(FOLDER, "host") }),
				startHost({ dir: join(FOLDER, "mail"), running: false }),
			]),
	);
	const site = await makeSite(exchangeHost, mailHost);
	const network = new MailNetwork([site.exchange, ...site.offices]);
	try {
		const stack = await Stack.open(toolchain, FOLDER, "lab");
		const known = await runOf(stack);
		await declare(stack, site, run ?? known ?? "initial-import");
		if (run !== undefined && known !== undefined && run !== known)
			await site.offices[1]?.addUser(`Newcomer before ${run}`);
		await show(stack, site);
	} finally {
		await network.stop();
		await Promise.all([exchangeHost.stop(), mailHost.stop()]);
	}
}

async function makeSite(
	exchangeHost: LabHost,
	mailHost: LabHost,
): Promise<Site> {
	const account = { admin: "admin", password: PASSWORD };
	const harbor = await addPostOffice(mailHost, {
		...account,
		...{ name: "PO-HARBOR", role: "server", drive: "X" },
		users: ["Anna", "Bert"],
	});
	const pier = await addPostOffice(mailHost, {
		...account,
		...{ name: "PO-PIER", role: "requestor", drive: "Y", server: harbor },
		users: ["Carl", "Dora"],
	});
	const exchange = await addExchange(exchangeHost, { server: harbor });
	await harbor.register(pier, exchange);
	return { exchangeHost, mailHost, exchange, offices: [harbor, pier] };
}

const runOf = async (stack: Stack): Promise<string | undefined> =>
	(await stack.configured("cutovers"))?.[0]?.run;

/**
 * The addresses of the hosts can change from start to start. Without a new `run`, the one in the stack file is kept.
 */
async function declare(
	stack: Stack,
	{ exchangeHost, mailHost, offices }: Site,
	run: string,
): Promise<void> {
	const { privateKey, ...ssh } = exchangeHost.ssh;
	const { privateKey: mailKey, ...mail } = mailHost.ssh;
	if (!(await stack.configured("credentials"))?.EXCH01) {
		await stack.setSecret("credentials.EXCH01.privateKey", privateKey);
		await stack.setSecret("credentials.default.privateKey", mailKey);
		await stack.setSecret("credentials.default.adminPassword", PASSWORD);
	}
	const ask = { every: 1, timeout: 60 };
	await stack.configure({
		hosts: [{ name: "EXCH01", role: "requestor", ssh }],
		cutovers: [
			{
				...{ name: "harbor", run, exchange: "EXCH01" },
				postOffices: offices.map(({ name, drive, directory }, index) => ({
					...{ name, role: index === 0 ? "server" : "requestor", ssh: mail },
					...{ drive, directory, launcher: "forcedos", admin: "admin" },
				})),
				waits: {
					t1Delivered: {
						...{ host: "PO-HARBOR", command: "type X:\\LOG\\RECV.LOG" },
						...{ contains: "EXCH01", ...ask },
					},
					t2Delivered: {
						...{ host: "PO-PIER", command: "dir /b Y:\\MBG\\SYSTEM" },
						...{ contains: ".MSG", ...ask },
					},
				},
			},
		],
	});
}

const names = (list: readonly string[]) => list.join(", ") || "none";

async function lists({ exchange, offices }: Site) {
	const rows: [string, string][] = [
		["Exchange's recipients", names(await exchange.recipients())],
	];
	for (const office of offices)
		rows.push([
			`${office.name}'s address list`,
			names(await office.addressList()),
		]);
	return rows.map(([what, who]) => `  ${what.padEnd(26)} ${who}`).join("\n");
}

async function show(stack: Stack, site: Site): Promise<void> {
	const { exchangeHost, offices } = site;
	console.log(`\nBefore:\n${await lists(site)}`);
	const before = await exchangeHost.registryValue(SERVICE_KEY, "PauseKicksDX");
	const seen = (await exchangeHost.serviceLog()).length;
	const logins = await exchangeHost.logins();
	const called = (await Promise.all(offices.map((o) => o.calls()))).flat()
		.length;

	console.log(`\n$ pulumi up --stack ${stack.name}\n`);
	const run = stack.start([
		...["up", "--yes", "--skip-preview", "--suppress-outputs"],
	]);
	run.all.pipe(process.stdout);
	const { exitCode, all } = await run;

	const after = await exchangeHost.registryValue(SERVICE_KEY, "PauseKicksDX");
	const log = (await exchangeHost.serviceLog()).slice(seen);
	const kicked = log.some(({ event }) => event.startsWith("cycle "));
	const calls = (await Promise.all(offices.map((o) => o.calls())))
		.flat()
		.sort((a, b) => a.from.getTime() - b.from.getTime())
		.slice(called);
	const told = (rows: string[], none: string) =>
		rows.length === 0 ? none : rows.join("\n             ");
	console.log(`
What happened, read on the hosts and not from the stack:
  log-ins    ${(await exchangeHost.logins()) - logins} on EXCH01
  registry   PauseKicksDX was ${before ?? "absent"}, is ${after ?? "absent"}
  service    ${told(
		log.map(formatEvent),
		"nothing: neither restarted nor kicked",
	)}
  programs   ${told(
		calls.map(
			({ from, program, args }) => `${from.toISOString()}  ${program} ${args}`,
		),
		"none was run",
	)}`);
	if (kicked) await explain(exchangeHost);
	console.log(`
After:
${await lists(site)}

Repeat the whole cutover, with a newcomer at PO-PIER, by another run:
  npm start -- rehearsal-2
or change cutovers[0].run in ${relative("", stack.file)} and run npm start again.
Without a change nothing is sent: try npm start as it is.
The cutover on one page, as npm run report writes it: ${relative("", await stack.report(all))}`);
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
