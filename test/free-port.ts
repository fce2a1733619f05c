import { randomInt } from "node:crypto";
import getPort, { portNumbers } from "get-port";

/**
 * A free port on loopback. It is below the ports that Linux gives to outgoing connections, because such a connection
 * could take it before the server starts.
 */
export function freePort(): Promise<number> {
	const first = randomInt(10_000, 32_000);
	return getPort({ host: "127.0.0.1", port: portNumbers(first, first + 500) });
}
