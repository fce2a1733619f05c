import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

/** A port that neither accepts nor refuses a connection, like a host behind a firewall. */
export interface MuteServer {
	port: number;
	stop(): void;
}

// The event loop is blocked, so the process never accepts. The kernel fills the short queue and then drops connections.
const SCRIPT = `
	const server = require("node:net").createServer();
	server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
		require("node:fs").writeSync(1, String(server.address().port));
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
	});`;

export async function startMuteServer(): Promise<MuteServer> {
	const child = spawn(process.execPath, ["-e", SCRIPT], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [port] = await once(child.stdout, "data");
	const fillers = Array.from({ length: 4 }, () =>
		connect(Number(port), "127.0.0.1").on("error", () => {}),
	);
	return {
		port: Number(port),
		stop() {
			for (const filler of fillers) filler.destroy();
			child.kill("SIGKILL");
		},
	};
}
