// @module-tag full
import { afterEach, expect, test } from "vitest";
import { addExchange, type Exchange } from "../exchange.ts";
import { type LabHost, startHost } from "../host.ts";
import { MailNetwork } from "../mail-network.ts";
import { addPostOffice } from "../post-office.ts";
import { net, target } from "./net.ts";
import { type NtHost, startNtHost } from "./nt-host.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

const started = { pauseKicksDX: "dword:00000001" };

async function ntHost(): Promise<NtHost> {
	const host = await startNtHost(started);
	ends.push(() => host.stop());
	return host;
}

const kick = (host: NtHost) =>
	net(target(host), "service", "pause", "MSExchangeDX");

/** Answers are applied as they arrive. */
const recipients = (exchange: Exchange, names: string[]) =>
	expect.poll(() => exchange.recipients(), { timeout: 20_000 }).toEqual(names);

test("as requestor and as server: every user reaches every party once, and deleted users disappear", async () => {
	const mail: LabHost = await startHost({ running: false });
	ends.push(() => mail.stop());
	const [host, serverHost] = [await ntHost(), await ntHost()];
	const account = { password: "secret" };
	const harbor = await addPostOffice(mail, {
		...{ ...account, name: "PO-HARBOR", role: "server", drive: "X" },
		users: ["Anna"],
	});
	const server = await addExchange(serverHost, { name: "SERVER" });
	const pier = await addPostOffice(mail, {
		...{ ...account, name: "PO-PIER", role: "requestor", drive: "Y", server },
		users: ["Carl"],
	});
	const exchange = await addExchange(host, { server: harbor });
	await exchange.addRecipient("Xaver");
	await server.addRecipient("Yvonne");
	await harbor.register(exchange);
	const network = new MailNetwork([harbor, pier, exchange, server]);
	ends.push(() => network.stop());
	const run = (programs: string) =>
		mail.exec(`cd /d C:\\MAILEXE & ${programs}`);
	const cycle = async () => {
		await run("reqmain -dX -t & reqmain -dY -t");
		await kick(host);
		// The changes are sent once more before they are answered.
		await kick(host);
		await network.settled();
		await kick(serverHost);
		await run("srvmain -r -dX & srvmain -t -dX");
		await network.settled();
		for (const drive of ["X", "Y"])
			await run(
				`reqmain -d${drive} -r & import -d${drive} admin -psecret -q -y & rebuild -d${drive} -f`,
			);
	};

	await cycle();
	await recipients(exchange, ["Anna"]);
	expect(await harbor.addressList()).toEqual(["Anna", "Xaver"]);
	// The users of a requestor that is not registered are sent to no other party.
	expect(await server.recipients()).toEqual([]);
	const says = (await serverHost.serviceLog()).map(({ event }) => event);
	expect(says).toContain("says 120 0");

	await server.register(pier);
	await cycle();
	expect(await server.recipients()).toEqual(["Carl"]);
	expect(await pier.addressList()).toEqual(["Carl", "Yvonne"]);

	const many = Array.from({ length: 1000 }, (_, i) => `User ${1000 + i}`);
	await exchange.addRecipient(...many);
	await exchange.removeRecipient("Xaver");
	await pier.removeUser("Carl");
	await harbor.addUser("Bert");
	await cycle();
	await recipients(exchange, ["Anna", "Bert"]);
	expect(await harbor.addressList()).toEqual(["Anna", "Bert", ...many]);
	expect(await server.recipients()).toEqual([]);
	expect(await pier.addressList()).toEqual(["Yvonne"]);
	expect((await host.cycles()).map(({ type }) => type)).toEqual(
		Array(6).fill("T1"),
	);
	expect((await serverHost.cycles()).map(({ type }) => type)).toEqual(
		Array(3).fill("T2"),
	);
	expect([await host.labErrors(), await mail.labErrors()]).toEqual([[], []]);
});
