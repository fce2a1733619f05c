// @module-tag full
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addExchange, type Exchange } from "./exchange.ts";
import { type LabHost, startHost } from "./host.ts";
import { MailNetwork } from "./mail-network.ts";
import { addPostOffice, type PostOffice } from "./post-office.ts";

const PASSWORD = "secret";

/** A post office and the host that it is on. */
interface Place {
	host: LabHost;
	office: PostOffice;
}

const run = async ({ host, office }: Place, ...programs: string[]) => {
	const calls = programs.map((program) => `forcedos ${program}`).join(" & ");
	const { stdout } = await host.exec(`cd /d ${office.directory} & ${calls}`);
	return stdout;
};
const t1 = (place: Place) => run(place, `reqmain -d${place.office.drive} -t`);
const t3 = (place: Place) =>
	run(
		place,
		`reqmain -d${place.office.drive} -r`,
		`import -d${place.office.drive} admin -p${PASSWORD} -q -y`,
		`rebuild -d${place.office.drive} -f`,
	);
const kick = (host: LabHost) => host.exec("net pause MSExchangeDX");
const lists = (places: Place[]) =>
	Promise.all(places.map(({ office }) => office.addressList()));

const started = { pauseKicksDX: "dword:00000001" };
const account = { password: PASSWORD };

describe("Exchange is a requestor", () => {
	let mail: LabHost;
	let exchangeHost: LabHost;
	let exchange: Exchange;
	let network: MailNetwork;
	let harbor: Place;
	let pier: Place;
	let quay: Place;
	beforeAll(async () => {
		exchangeHost = await startHost(started);
		mail = await startHost({ running: false, make: "nt4", language: "de" });
		const server = await addPostOffice(mail, {
			...{ ...account, name: "PO-HARBOR", role: "server", drive: "X" },
			users: ["Anna", "Bert"],
		});
		const add = (name: string, drive: string, user: string) =>
			addPostOffice(mail, {
				...{ ...account, name, role: "requestor", drive, server },
				...{ directory: `C:\\${name}`, users: [user] },
			});
		harbor = { host: mail, office: server };
		pier = { host: mail, office: await add("PO-PIER", "Y", "Carl") };
		quay = { host: mail, office: await add("PO-QUAY", "Z", "Dora") };
		exchange = await addExchange(exchangeHost, { server });
		await exchange.addRecipient("Xaver");
		await server.register(pier.office, exchange);
		network = new MailNetwork([server, pier.office, quay.office, exchange]);
	});
	afterAll(async () => {
		await network.stop();
		await Promise.all([mail.stop(), exchangeHost.stop()]);
	});

	/** The number of mails that wait for SRVMAIN, and the size of their mailbag. */
	let mails = 0;
	let mailbag = 0;

	/** Runs a complete cycle by hand, as in Microsoft's article. @returns the output of SRVMAIN */
	async function cycle(places: Place[]): Promise<string> {
		for (const place of places) await t1(place);
		await kick(exchangeHost);
		await network.settled();
		mails = (await readdir(harbor.office.in)).length;
		mailbag = (await readFile(harbor.office.mailbag)).length;
		const answered = await run(harbor, "srvmain -r -dX", "srvmain -t -dX");
		await network.settled();
		for (const place of places) await t3(place);
		return answered;
	}
	const applied = async () =>
		(await exchangeHost.serviceLog()).filter(({ event }) =>
			event.startsWith("applied "),
		).length;
	const recipients = async (names: string[]) =>
		expect.poll(() => exchange.recipients()).toEqual(names);

	test("one cycle brings every user to every party", async () => {
		expect(await cycle([harbor, pier])).toBe(
			"Status[105] 4 \x8enderungen empfangen\r\nStatus[106] 8 \x8enderungen gesendet\r\n",
		);
		await recipients(["Anna", "Bert", "Carl"]);
		// Each mail has a header until SRVMAIN has read it.
		expect(mails).toBeGreaterThan(0);
		expect(mailbag).toBe(mails * 116);
		const size = async () => (await readFile(harbor.office.mailbag)).length;
		await expect.poll(size).toBe(0);
		const everybody = ["Anna", "Bert", "Carl", "Xaver"];
		expect(await lists([harbor, pier])).toEqual([everybody, everybody]);
	});

	test("the transport's logs name the senders", async () => {
		const { stdout } = await mail.exec("type X:\\LOG\\RECV.LOG");
		expect(stdout).toMatch(/ from EXCH01 .*ReqTx R=1 \(was 0\), S=0/);
		expect(await mail.exec("type Y:\\LOG\\SENT.LOG")).toMatchObject({
			stdout: expect.stringContaining(" to PO-HARBOR "),
		});
	});

	test("a requestor that is not registered gets error 120 and no users", async () => {
		expect(await cycle([quay])).toContain("Error[120]");
		expect(await lists([quay])).toEqual([["Dora"]]);
	});

	test("a requestor gets all users once it is registered, and a deleted user disappears everywhere", async () => {
		await harbor.office.register(quay.office);
		await harbor.office.removeUser("Bert");
		await pier.office.addUser("Emil");
		await exchange.removeRecipient("Xaver");
		await cycle([harbor, pier, quay]);
		await recipients(["Anna", "Carl", "Dora", "Emil"]);
		const everybody = ["Anna", "Carl", "Dora", "Emil"];
		expect(await lists([harbor, pier, quay])).toEqual(Array(3).fill(everybody));
		const sizes = ["REQTRANS", "SRVTRANS"].map((name) =>
			readFile(join(pier.office.dir, `GLB/${name}.GLB`)),
		);
		expect((await Promise.all(sizes)).map(({ length }) => length)).toEqual([
			0, 0,
		]);
	});

	test("Exchange applies nothing while mail is stopped, and everything as soon as mail moves again", async () => {
		const before = await applied();
		await harbor.office.addUser("Fritz");
		await network.hold();
		await t1(harbor);
		await kick(exchangeHost);
		expect(await run(harbor, "srvmain -r -dX", "srvmain -t -dX")).toContain(
			"Keine Auftr\x84ge",
		);
		network.release();
		await network.settled();
		await run(harbor, "srvmain -r -dX", "srvmain -t -dX");
		await recipients(["Anna", "Carl", "Dora", "Emil", "Fritz"]);
		expect(await applied()).toBe(before + 1);
	});

	test("the next cycle repairs a program that died halfway, and changes that are sent twice count once", async () => {
		await harbor.office.addUser("Gerda");
		await mail.set({ programFault: "srvmain:dies" });
		await cycle([harbor, pier, quay]);
		await mail.set({ programFault: "import:dies" });
		await cycle([harbor, pier, quay]);
		await mail.set({ programFault: "" });
		await cycle([harbor, pier, quay]);
		const everybody = ["Anna", "Carl", "Dora", "Emil", "Fritz", "Gerda"];
		await recipients(everybody);
		expect(await lists([harbor, pier, quay])).toEqual(Array(3).fill(everybody));
	});

	test("with a thousand users no program takes three seconds", async () => {
		const many = Array.from({ length: 1000 }, (_, i) => `User ${i}`);
		await pier.office.addUser(...many);
		await cycle([harbor, pier, quay]);
		await expect
			.poll(async () => (await exchange.recipients()).length)
			.toBe(1006);
		expect((await lists([quay]))[0]).toHaveLength(1006);
		const calls = await Promise.all(
			[harbor, pier, quay].map(({ office }) => office.calls()),
		);
		const times = calls.flat().map(({ from, to }) => Number(to) - Number(from));
		// Calls that died have no end time.
		expect(Math.max(...times.filter(Number.isFinite))).toBeLessThan(3000);
		expect(await mail.labErrors()).toEqual([]);
	});
});

describe("Exchange is the dirsync server", () => {
	let host: LabHost;
	let exchange: Exchange;
	let network: MailNetwork;
	let pier: Place;
	let quay: Place;
	beforeAll(async () => {
		host = await startHost(started);
		exchange = await addExchange(host);
		await exchange.addRecipient("Xaver");
		const add = async (name: string, drive: string, users: string[]) => ({
			host,
			office: await addPostOffice(host, {
				...{ ...account, name, role: "requestor", drive, users },
				server: exchange,
			}),
		});
		pier = await add("PO-PIER", "Y", ["Carl"]);
		quay = await add("PO-QUAY", "Z", ["Dora", "Emil"]);
		await exchange.register(pier.office, quay.office);
		network = new MailNetwork([exchange, pier.office, quay.office]);
	});
	afterAll(async () => {
		await network.stop();
		await host.stop();
	});

	async function cycle(): Promise<void> {
		for (const place of [pier, quay]) await t1(place);
		await network.settled();
		await kick(host);
		await network.settled();
		for (const place of [pier, quay]) await t3(place);
	}

	test("requests wait for T2, which brings every user to every party", async () => {
		await t1(pier);
		await network.settled();
		await pause(500);
		expect(await exchange.recipients()).toEqual([]);
		await cycle();
		expect((await host.cycles()).map(({ type }) => type)).toEqual(["T2"]);
		expect(await exchange.recipients()).toEqual(["Carl", "Dora", "Emil"]);
		const everybody = ["Carl", "Dora", "Emil", "Xaver"];
		expect(await lists([pier, quay])).toEqual([everybody, everybody]);
	});

	test("a deletion is sent too, and a requestor gets no answer before it sends a request", async () => {
		await quay.office.removeUser("Dora");
		await t1(quay);
		await network.settled();
		await kick(host);
		await network.settled();
		await t3(pier);
		expect(await exchange.recipients()).toEqual(["Carl", "Emil"]);
		expect(await lists([pier])).toEqual([["Carl", "Dora", "Emil", "Xaver"]]);
		await exchange.removeRecipient("Xaver");
		await cycle();
		expect(await lists([pier, quay])).toEqual([
			["Carl", "Emil"],
			["Carl", "Emil"],
		]);
	});

	test("mail without a receiver stops the network with an error", async () => {
		const lost = new MailNetwork([pier.office]);
		await network.hold();
		await t1(pier);
		await expect(lost.settled()).rejects.toThrow("is for nobody");
		await expect(lost.stop()).rejects.toThrow("is for nobody");
		network.release();
		await network.settled();
	});
});
