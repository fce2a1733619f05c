import type { AnyHost } from "../lab/any-host.ts";
import { addExchange, type Exchange } from "../lab/exchange.ts";
import { type Gateway, startGateway } from "../lab/gateway.ts";
import { type LabHost, startHost } from "../lab/host.ts";
import type { SshAccess } from "../lab/lab-host.ts";
import { MailNetwork } from "../lab/mail-network.ts";
import { startNtHost } from "../lab/nt/nt-host.ts";
import { addPostOffice, type PostOffice } from "../lab/post-office.ts";
import {
	type CutoverEntry,
	type Declared,
	type HostEntry,
	type Login,
	machineOf,
	machineOfEntry,
	type OfficeEntry,
} from "./stack-file.ts";
import { adaptWaits } from "./waits.ts";

/** By the name of the host or post office, as in a stack file. */
export type Credentials = Record<string, Record<string, unknown>>;

/** The password of every post office administrator in the lab. */
const PASSWORD = "lab";

/** The lab hosts of a stack: the same names, roles, transports, tools, drives, directories and launchers. */
export class RehearsalSite {
	/** The lab host of each machine of the stack. */
	readonly #machines = new Map<string, AnyHost>();
	/** The lab's jump hosts and gateways, by machine. */
	readonly #gateways = new Map<string, Gateway>();
	#network?: MailNetwork;
	readonly offices = new Map<string, PostOffice>();
	readonly exchanges = new Map<string, Exchange>();
	readonly #declared: Declared;

	private constructor(declared: Declared) {
		this.#declared = declared;
	}

	/** Starts all hosts. @param onHost called with the name of each that has started */
	static async start(
		declared: Declared,
		onHost: (name: string) => void,
	): Promise<RehearsalSite> {
		const site = new RehearsalSite(declared);
		try {
			await site.#startHosts(onHost);
			for (const cutover of declared.cutovers) await site.#makeParties(cutover);
			// One for all, because a post office can take part in several cutovers.
			site.#network = new MailNetwork([
				...site.exchanges.values(),
				...site.offices.values(),
			]);
			return site;
		} catch (error) {
			await site.stop();
			throw error;
		}
	}

	/** The lab host of an entry. */
	hostOf(entry: Pick<HostEntry, "ssh" | "samba">): AnyHost {
		return this.#machines.get(machineOfEntry(entry)) as AnyHost;
	}

	/** The gateway through which an entry's host is controlled; undefined if this machine controls it. */
	gatewayOf({ samba }: Pick<HostEntry, "samba">): Gateway | undefined {
		return samba?.gateway && this.#gateways.get(machineOf(samba.gateway));
	}

	async stop(): Promise<void> {
		const all = [...this.#machines.values(), ...this.#gateways.values()];
		this.#machines.clear();
		this.#gateways.clear();
		try {
			await this.#network?.stop();
		} finally {
			await Promise.all(all.map((host) => host.stop()));
		}
	}

	/** Starts two at a time: each start takes a core. */
	async #startHosts(onHost: (name: string) => void): Promise<void> {
		const { hosts, cutovers } = this.#declared;
		const starts: [string, () => Promise<unknown>][] = [];
		const planned = new Set<string>();
		const plan = (
			entry: Pick<HostEntry, "ssh" | "samba">,
			name: string,
			start: () => Promise<AnyHost>,
		) => {
			const machine = machineOfEntry(entry);
			if (planned.has(machine)) return;
			planned.add(machine);
			starts.push([
				name,
				async () => this.#machines.set(machine, await start()),
			]);
		};
		const planGateway = (login: Login | undefined) => {
			if (!login) return;
			const machine = machineOf(login);
			if (planned.has(`through ${machine}`)) return;
			planned.add(`through ${machine}`);
			starts.push([
				login.host,
				async () => this.#gateways.set(machine, await startGateway()),
			]);
		};
		for (const { name, role, ssh, samba, registryTool } of hosts) {
			planGateway(ssh?.proxy);
			planGateway(samba?.gateway);
			if (samba)
				plan({ samba }, name, () =>
					startNtHost({ make: samba.legacy ? "nt4" : "smb2", role }),
				);
			else if (ssh)
				plan({ ssh }, name, () =>
					startHost({ make: registryTool === "regedit" ? "nt4" : "reg", role }),
				);
		}
		for (const { name, ssh } of cutovers.flatMap((each) => each.postOffices)) {
			planGateway(ssh.proxy);
			plan({ ssh }, name, () => startHost({ running: false }));
		}
		const next = async (): Promise<void> => {
			const one = starts.shift();
			if (!one) return;
			await one[1]();
			onHost(one[0]);
			return next();
		};
		await Promise.all([next(), next()]);
	}

	/** Creates the post offices and the Exchange of a cutover. */
	async #makeParties({ exchange: name, postOffices }: CutoverEntry) {
		const entry = this.#declared.hosts.find(
			(host) => host.name === name,
		) as HostEntry;
		const host = this.hostOf(entry);
		const isServer = entry.role === "server";
		let exchange = isServer ? await addExchange(host, { name }) : undefined;
		const made: PostOffice[] = [];
		const server = postOffices.find(({ role }) => role === "server");
		const ordered = [
			...(server ? [server] : []),
			...postOffices.filter((office) => office !== server),
		];
		for (const office of ordered)
			made.push(await this.#makeOffice(office, exchange ?? made[0]));
		exchange ??= await addExchange(host, {
			...{ name, server: made[0] as PostOffice },
		});
		if (isServer) await exchange.register(...made);
		else await made[0]?.register(...made.slice(1), exchange);
		this.exchanges.set(name, exchange);
	}

	async #makeOffice(
		{ name, role, ssh, drive, directory, admin }: OfficeEntry,
		server?: { address: string },
	): Promise<PostOffice> {
		const host = this.#machines.get(machineOfEntry({ ssh })) as LabHost;
		const office = await addPostOffice(host, {
			...{ name, role, drive, directory, admin, password: PASSWORD },
			users: [`First of ${name}`, `Second of ${name}`],
			...(server && { server }),
		});
		this.offices.set(name, office);
		return office;
	}

	/** The stack's configuration with the addresses and keys of the lab, and what had to change in it. */
	configuration(realTime: boolean): {
		config: Record<string, unknown>;
		credentials: Credentials;
		changes: string[];
	} {
		const changes: string[] = [];
		const { hosts, cutovers, ...rest } = this.#declared;
		const credentials: Credentials = {};
		const config = {
			...rest,
			hosts: hosts.map((entry) => {
				const { gateway } = entry.samba ?? {};
				if (gateway?.proxy)
					changes.push(
						`${entry.name} jump host ${gateway.proxy.host} of its gateway: left out`,
					);
				const { kind, access } = this.#transport(entry, credentials);
				return { ...entry, [kind]: access };
			}),
			cutovers: cutovers.map((cutover) => {
				const adapted = adaptWaits(cutover, realTime);
				changes.push(
					...adapted.changes.map((change) => `${cutover.name} ${change}`),
				);
				const { minutesAroundHour, ...guards } = cutover.guards ?? {};
				if (minutesAroundHour)
					changes.push(`${cutover.name} minutesAroundHour: left out`);
				return {
					...cutover,
					...{ guards, waits: adapted.waits },
					postOffices: cutover.postOffices.map((office) => ({
						...office,
						ssh: this.#transport(office, credentials).access,
					})),
				};
			}),
		};
		return { config, credentials, changes };
	}

	/** The transport to a lab host. Its credentials are added to those of the stack. */
	#transport(
		entry: Pick<HostEntry, "name" | "ssh" | "samba">,
		credentials: Credentials,
	) {
		const { kind, access, credentials: own } = this.hostOf(entry).transportOf();
		const { ssh, samba } = entry;
		const [key, login] = ssh?.proxy
			? ["proxy", ssh.proxy]
			: ["gateway", samba?.gateway];
		const gateway = login && this.#gateways.get(machineOf(login));
		const { privateKey, ...reached }: Partial<SshAccess> = gateway?.ssh ?? {};
		credentials[entry.name] = {
			...own,
			...(gateway && { [key]: { privateKey } }),
			...(this.offices.has(entry.name) && { adminPassword: PASSWORD }),
		};
		return {
			kind,
			access: { ...access, ...(gateway && { [key]: reached }) },
		};
	}
}
