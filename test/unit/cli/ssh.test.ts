import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, it, vi } from "vitest";
import { run } from "../../../src/cli/ssh.ts";

vi.mock("node:net", async (original) => {
	const net = await original<typeof import("node:net")>();
	return { ...net, connect: vi.fn(net.connect) };
});

it("a connection does not wait for acknowledgements before it sends more", async () => {
	const server = createServer((socket) => socket.end("no SSH\r\n"));
	await once(server.listen(0, "127.0.0.1"), "listening");
	const { port } = server.address() as AddressInfo;
	const route = { host: "127.0.0.1", port, user: "u", password: "x" };
	await expect(run(route, { command: "", stdin: "" }, 1000)).rejects.toThrow();
	expect(connect).toHaveBeenCalledWith(
		expect.objectContaining({ port, noDelay: true }),
	);
	server.close();
});
