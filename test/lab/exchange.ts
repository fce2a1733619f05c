import { join } from "node:path";
import type { AnyHost } from "./any-host.ts";
import { DirsyncParty, namesOf } from "./dirsync-party.ts";

/** Exchange's address in mail. As a requestor it is never $SYSTEM. */
export const EXCHANGE_ADDRESSES = {
	requestor: "ORG/SITE/SYSTEM1",
	server: "ORG/SITE/$SYSTEM",
} as const;

export interface ExchangeOptions {
	/** Its name in the transport's logs. @default "EXCH01" */
	name?: string;
	/** Its dirsync server, if it is a requestor. */
	server?: { address: string };
}

/** The Exchange of a host that has dirsync partners: what its service sends and applies. */
export class Exchange extends DirsyncParty {
	/** Adds users of Exchange, which dirsync sends to the other parties. */
	async addRecipient(...names: string[]): Promise<void> {
		await this.change("+", names);
	}

	async removeRecipient(...names: string[]): Promise<void> {
		await this.change("-", names);
	}

	/** The names that directory synchronization has brought. */
	async recipients(): Promise<string[]> {
		return namesOf(await this.lines("recipients"));
	}

	/** From now on the host's service takes part, as a requestor of this server or as the server itself. */
	static async add(
		host: AnyHost,
		{ name = "EXCH01", server }: ExchangeOptions = {},
	): Promise<Exchange> {
		const role = server ? "requestor" : "server";
		const root = host.exchangeFolder;
		const exchange = new Exchange(name, EXCHANGE_ADDRESSES[role], {
			data: join(root, "dxadata"),
			in: join(root, "connect/maildat/in"),
			out: join(root, "connect/maildat/out"),
		});
		await host.set({ role });
		await exchange.make({}, server?.address, !server);
		return exchange;
	}
}

/** The same as Exchange.add. */
export const addExchange = Exchange.add;
