import type { AnyHost } from "../../lab/any-host.ts";
import { addExchange, type Exchange } from "../../lab/exchange.ts";
import type { HostOptions, LabHost } from "../../lab/host.ts";
import { MailNetwork } from "../../lab/mail-network.ts";
import { addPostOffice, type PostOffice } from "../../lab/post-office.ts";
import type { ProgramCall } from "../../lab/program-log.ts";
import type { Stack } from "../../stack.ts";
import { Canaries } from "../canaries.ts";
import { type AnyOptions, type Bench, transportOf } from "../fixture.ts";

/** Every character that a password may contain, except letters and digits. */
const EVERY_SIGN = "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~";

/** A post office, the host it is on, and its entry in the stack's configuration. */
export interface Place {
	host: LabHost;
	office: PostOffice;
	entry: Record<string, unknown>;
}

/** An Exchange host, post offices on two other hosts, and the mail network between them. */
export class Site {
	readonly exchangeHost: AnyHost;
	readonly exchange: Exchange;
	readonly places: readonly Place[];
	readonly network: MailNetwork;
	readonly stack: Stack;
	/** Searches for the password of the post offices' administrators. */
	readonly canaries: Canaries;
	/** The password of the post offices' administrators. */
	readonly password: string;
	readonly #role: "requestor" | "server";

	private constructor(
		parts: Pick<
			Site,
			"exchangeHost" | "exchange" | "places" | "network" | "stack" | "canaries"
		>,
		role: "requestor" | "server",
		password: string,
	) {
		this.exchangeHost = parts.exchangeHost;
		this.exchange = parts.exchange;
		this.places = parts.places;
		this.network = parts.network;
		this.stack = parts.stack;
		this.canaries = parts.canaries;
		this.#role = role;
		this.password = password;
	}

	/**
	 * @param users the users of each post office, by its name; the first is the dirsync server if Exchange is not
	 * @param on the options of the Exchange host
	 */
	static async make(
		bench: Bench,
		role: "requestor" | "server",
		users: Record<string, string[]>,
		on: AnyOptions = { transport: "ssh" },
	): Promise<Site> {
		const canaries = new Canaries();
		// A password has at most 64 characters.
		const password = canaries.phrase("adminPassword", EVERY_SIGN);
		const kinds: HostOptions[] = [
			{ running: false },
			{ running: false, make: "nt4", language: "de" },
		];
		const [exchangeHost, ...hosts] = await Promise.all([
			bench.anyHost(on),
			...kinds.map((kind) => bench.host(kind)),
		]);
		const names = Object.keys(users);
		const places: Place[] = [];
		let exchange: Exchange | undefined;
		if (role === "server") exchange = await addExchange(exchangeHost);
		for (const [index, name] of names.entries()) {
			// The first post office has its own host, the others share one.
			const host = hosts[Math.min(index, 1)] as LabHost;
			const own = role === "requestor" && index === 0 ? "server" : "requestor";
			const drive = "XYZ"[index] as string;
			const directory = `C:\\MAIL EXE\\${name}`;
			const server = exchange ?? places[0]?.office;
			const office = await addPostOffice(host, {
				...{ name, role: own, drive, directory, password },
				...(server && { server }),
				users: users[name] ?? [],
			});
			const { privateKey: _, ...ssh } = host.ssh;
			const entry = { name, role: own, ssh, drive, directory, admin: "admin" };
			places.push({
				host,
				office,
				entry: { ...entry, ...(index > 0 && { launcher: "forcedos" }) },
			});
		}
		exchange ??= await addExchange(exchangeHost, {
			server: (places[0] as Place).office,
		});
		const offices = places.map(({ office }) => office);
		if (role === "server") await exchange.register(...offices);
		else await offices[0]?.register(...offices.slice(1), exchange);
		const network = new MailNetwork([exchange, ...offices]);
		bench.atEnd(() => network.stop());
		const stack = await bench.stack();
		return new Site(
			{
				...{ exchangeHost, exchange },
				...{ places, network, stack, canaries },
			},
			role,
			password,
		);
	}

	/** The server post office, or the first one. */
	get first(): Place {
		return this.places[0] as Place;
	}

	/** Writes the stack file, with one cutover of that run. */
	async declare(
		run: string,
		{
			cutover = {},
			places = this.places,
		}: { cutover?: object; places?: readonly Place[] } = {},
	): Promise<void> {
		const { kind, access, credentials } = transportOf(this.exchangeHost);
		await this.stack.configure({
			hosts: [{ name: "EXCH01", role: this.#role, [kind]: access }],
			cutovers: [
				{
					name: "harbor",
					run,
					exchange: "EXCH01",
					postOffices: places.map(({ entry }) => entry),
					waits: this.waits(places),
					...cutover,
				},
			],
			credentials: {
				EXCH01: credentials,
				...Object.fromEntries(
					places.map(({ host, office }) => [
						office.name,
						{
							privateKey: host.ssh.privateKey,
							adminPassword: this.password,
						},
					]),
				),
			},
		});
	}

	/** Waits until the mail is where the next step needs it, according to the mail log or the folder of the mail. */
	waits(places: readonly Place[] = this.places) {
		const last = places.at(-1) as Place;
		const ask = { every: 1, timeout: 60 };
		const mailAt = (name: string, drive: string) => ({
			...{
				host: name,
				command: `dir /b ${drive}:\\MBG\\SYSTEM`,
				contains: ".MSG",
			},
			...ask,
		});
		return {
			t1Delivered:
				this.#role === "requestor"
					? {
							...{ host: this.first.office.name, contains: "EXCH01", ...ask },
							command: "type X:\\LOG\\RECV.LOG",
						}
					: {
							...{
								host: "EXCH01",
								contains: `NET/${last.office.name}`,
								...ask,
							},
							command:
								"for %%f in (C:\\exchsrvr\\connect\\maildat\\in\\*.MSG) do type %%f",
						},
			t2Delivered: mailAt(last.office.name, last.office.drive),
		};
	}

	/** All program calls so far in order, each with its post office and the arguments in that post office's log. */
	async calls(): Promise<(ProgramCall & { office: string })[]> {
		const all = await Promise.all(
			this.places.map(async ({ office }) =>
				(await office.calls()).map((call) => ({
					...call,
					office: office.name,
				})),
			),
		);
		return all.flat().sort((a, b) => a.from.getTime() - b.from.getTime());
	}
}
