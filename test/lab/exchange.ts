import { join } from "node:path";
import type { AnyHost } from "./any-host.ts";
import { DirsyncParty, namesOf } from "./dirsync-party.ts";

/** What Exchange signs as: never as $SYSTEM where it is a requestor. */
export const EXCHANGE_ADDRESSES = {
	requestor: "ORG/SITE/SYSTEM1",
	server: "ORG/SITE/$SYSTEM",
} as const;

export interface ExchangeOptions {
	/** In the transport's logs. @default "EXCH01" */
	name?: string;
	/** Where it is a requestor: its dirsync server. */
	server?: { address: string };
}

/** The Exchange of a host, once it has partners: what its service sends and applies. */
export class Exchange extends DirsyncParty {
	/** Its own users, to be told to the others. */
	async addRecipient(...names: string[]): Promise<void> {
		await this.change("+", names);
	}

	async removeRecipient(...names: string[]): Promise<void> {
		await this.change("-", names);
	}

	/** Names that directory synchronization has brought. */
	async recipients(): Promise<string[]> {
		return namesOf(await this.lines("recipients"));
	}

	/** Has the host's service take part from now on: as requestor of this server, or as the server itself. */
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

/** As Exchange.add. */
export const addExchange = Exchange.add;
