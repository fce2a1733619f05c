// @module-tag full
import { expect, test } from "vitest";
import { toConnection } from "../../src/access/ssh-connection.ts";
import { run as look } from "../../src/cli/ssh.ts";
import { useContract } from "./contract.ts";
import { startPasswordServer } from "./password-server.ts";

// Each wrong password counts towards an account's lockout, so this test counts them.

const contract = useContract();

test("an update and a check each send a wrong password once per method of the server", async () => {
	const server = await startPasswordServer("password", "keyboard-interactive");
	const login = {
		...{ host: "127.0.0.1", port: server.port, user: "Administrator" },
		...{ insecureIgnoreHostKey: true, password: "hunter2" },
	};
	// The conversion to JSON removes keys that are undefined.
	const connection = JSON.parse(JSON.stringify(toConnection(login)));
	const stack = await contract.bench.stack();
	const resource = contract.remote("a", {
		create: "echo in",
		connection: { privateKey: undefined, hostKey: undefined, ...connection },
	});
	const up = await stack.up([resource], { fails: true });
	expect(up.error("a")).toContain("unable to authenticate");
	expect(server.tries()).toEqual(["password", "keyboard-interactive"]);

	const { insecureIgnoreHostKey: _, ...route } = login;
	const asked = look(route, { command: "x", stdin: "" }, 10_000);
	await expect(asked).rejects.toMatchObject({ code: "no-log-in" });
	expect(server.tries()).toHaveLength(4);
	server.stop();
});
