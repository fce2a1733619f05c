import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseInspection } from "../../../../src/protocol/inspection.ts";
import { sambaInspectCommands } from "../../../../src/scripts/samba/inspect.ts";
import { SERVICE_KEY } from "../../../../src/scripts/samba/service.ts";
import { loginLines } from "../../../../src/scripts/samba/shell.ts";

// Answers about the state of the service that no lab host gives, printed by a fake `net`.
let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "dirsync-net-"));
	const net = `#!/bin/sh
case "$*" in
*"service status"*) echo "$STATUS"; exit 255 ;;
*MSExchangeDX*) [ -z "$KEY" ] || { printf '[%s]\\n"Start"=dword:00000002\\n' "$KEY"; exit 0; } ;;
esac
echo 'registry_openkey failed: NT_STATUS_NO_SUCH_DEVICE'
exit 255
`;
	await writeFile(join(dir, "net"), net);
	await chmod(join(dir, "net"), 0o755);
});
afterAll(() => rm(dir, { recursive: true }));

function look(STATUS: string, KEY: string): Promise<string> {
	const { command, stdin } = sambaInspectCommands("EXCH01", false);
	return new Promise((resolve) => {
		const env = { PATH: `${dir}:${process.env.PATH}`, STATUS, KEY };
		const child = execFile("sh", ["-c", command], { env }, (_, stdout) =>
			resolve(stdout),
		);
		child.stdin?.end(`${loginLines("u", "p", "127.0.0.1", 445)}${stdin}`);
	});
}

it.each([
	["Failed to open service.  [WERR_ACCESS_DENIED]", "access-denied, Windows 5"],
	["Could not connect to server 127.0.0.1", "unreachable"],
	["Connection failed: NT_STATUS_LOGON_FAILURE", "no-log-in"],
])(
	"a service is not reported as stopped if net prints %j",
	async (says, code) => {
		const printed = await look(says, SERVICE_KEY);
		expect(printed).toContain(`[${code}]`);
		expect(parseInspection(printed)).toBeUndefined();
	},
);

it("a service that has only a registry key is reported as not installed", async () => {
	const says = "Failed to open service.  [WERR_SERVICE_DOES_NOT_EXIST]";
	const printed = await look(says, SERVICE_KEY);
	expect(parseInspection(printed)?.service).toBe("not installed");
});

it("a service without a registry key is not queried", async () => {
	const printed = await look("Could not connect to server", "");
	expect(parseInspection(printed)?.service).toBe("not installed");
});
