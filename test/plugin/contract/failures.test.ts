// @module-tag full
import { beforeAll, expect, test } from "vitest";
import type { Declared } from "../bench.ts";
import { local, useContract } from "../contract.ts";
import { type MuteServer, startMuteServer } from "../mute-server.ts";
import type { Run } from "../run.ts";
import { type Sshd, startSshd } from "../sshd.ts";

const contract = useContract();

// A host key of a supported type that is not the server's.
const FOREIGN_KEY =
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFS6wqNYrx10ZlTTOhzJ9l9Dvus/miN7Mht2n2LwH5Pf";

interface Failure {
	name: string;
	/** The resource that fails. */
	resource: () => Omit<Declared, "name">;
	/** The complete error text, or a pattern if the text depends on the machine. */
	error: string | RegExp;
}

const remote =
	(create: string, connection?: () => object, args = {}) =>
	() =>
		contract.remote("", { create, connection: connection?.(), ...args });
const dial = (connection: () => object) => remote("true", connection);
const onThisMachine =
	(create: string, args = {}) =>
	() =>
		local("", { create, ...args });

const noMethod = (tried: string) =>
	`ssh: handshake failed: ssh: unable to authenticate, attempted methods [${tried}], no supported methods remain`;
const TRIES = { dialErrorLimit: 2 };
let mute: MuteServer;
let strict: Sshd;

const strictLogin = () => ({
	...contract.connection,
	port: strict.port,
	privateKey: strict.privateKey,
	hostKey: strict.hostKey(),
});

const failures: Failure[] = [
	{
		name: "a remote exit status",
		resource: remote("echo out; exit 3"),
		error: 'Process exited with status 3: running "echo out; exit 3":\nout',
	},
	{
		name: "a command is quoted as Go does",
		resource: remote(
			"exit 3 # \u0001 é \u200b \" \\ ' \t\n# \x7f <&> \u{1f600} \u00a0",
		),
		error:
			'Process exited with status 3: running "exit 3 # \\x01 é \\u200b \\" \\\\ \' \\t\\n# \\x7f <&> \u{1f600} \\u00a0":',
	},
	{
		name: "output that is not UTF-8 does not hide a failure",
		resource: remote("printf 'a\\351b'; exit 3"),
		error: `Process exited with status 3: running "printf 'a\\\\351b'; exit 3":\na\ufffdb`,
	},
	{
		name: "stdin stays out of the text",
		resource: remote("cat > /dev/null; exit 3", undefined, {
			stdin: "private",
		}),
		error: 'Process exited with status 3: running "cat > /dev/null; exit 3":',
	},
	{
		name: "a remote signal",
		resource: remote("kill -9 $$"),
		error:
			'Process exited with status 137 from signal KILL: running "kill -9 $$":',
	},
	{
		name: "a remote signal without a number",
		resource: remote("kill -USR1 $$"),
		error:
			'Process exited with status 128 from signal USR1: running "kill -USR1 $$":',
	},
	{
		name: "a connection cut while the command runs",
		resource: remote("kill -9 $PPID; sleep 1"),
		error:
			'wait: remote command exited without exit status or exit signal: running "kill -9 $PPID; sleep 1":',
	},
	{
		name: "a connection cut behind a proxy while the command runs",
		resource: remote("kill -9 $PPID; sleep 1", () => ({
			...contract.connection,
			proxy: contract.connection,
		})),
		error:
			'wait: remote command exited without exit status or exit signal: running "kill -9 $PPID; sleep 1":',
	},
	{
		name: "remote output that is not UTF-8",
		resource: remote("printf 'a\\351b'"),
		error: "grpc: error while marshaling: string field contains invalid UTF-8",
	},
	{
		name: "a refused dial, after all its tries",
		resource: dial(() => ({ port: 1, ...TRIES })),
		error:
			"after 2 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
	},
	{
		name: "a host that does not answer, after perDialTimeout",
		resource: dial(() => ({ port: mute.port, perDialTimeout: 1 })),
		error: /^after 0 failed attempts: dial tcp 127\.0\.0\.1:\d+: i\/o timeout$/,
	},
	{
		name: "a name that nobody knows",
		resource: dial(() => ({ host: "no.such.host.invalid" })),
		// The real plugin also names the resolver.
		error:
			/^after 0 failed attempts: dial tcp: lookup no\.such\.host\.invalid.*: /,
	},
	{
		name: "another host key, which is tried again too",
		resource: dial(() => ({ hostKey: FOREIGN_KEY, ...TRIES })),
		error:
			"after 2 failed attempts: ssh: handshake failed: ssh: host key mismatch",
	},
	{
		name: "a pinned RSA key, as only SHA-1 is offered for it",
		resource: dial(() => ({ hostKey: contract.sshd.hostKey("rsa") })),
		error:
			"after 0 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key; we offered: [ssh-rsa], peer offered: [ssh-ed25519 ecdsa-sha2-nistp256 rsa-sha2-512 rsa-sha2-256]",
	},
	{
		name: "a host key that is none",
		resource: dial(() => ({ hostKey: "junk", ...TRIES })),
		error: "failed to parse host key: ssh: no key found",
	},
	{
		name: "a key that is not let in, which is tried again too",
		resource: dial(() => ({
			user: "nobody-there",
			privateKey: contract.sshd.strangerKey,
			...TRIES,
		})),
		error: `after 2 failed attempts: ${noMethod("none publickey")}`,
	},
	{
		name: "a wrong password",
		resource: dial(() => ({ privateKey: undefined, password: "wrong" })),
		error: `after 0 failed attempts: ${noMethod("none password")}`,
	},
	{
		name: "a key and a password, both wrong",
		resource: dial(() => ({
			privateKey: contract.sshd.strangerKey,
			password: "wrong",
		})),
		error: `after 0 failed attempts: ${noMethod("none publickey password")}`,
	},
	{
		name: "neither key nor password",
		resource: dial(() => ({ privateKey: undefined })),
		error: `after 0 failed attempts: ${noMethod("none")}`,
	},
	{
		name: "a private key that is none, without a dial",
		resource: dial(() => ({ privateKey: "junk", ...TRIES })),
		error: "ssh: no key found",
	},
	{
		name: "an encrypted key without its passphrase",
		resource: dial(() => ({ privateKey: contract.sshd.encryptedKey })),
		error: "ssh: this private key is passphrase protected",
	},
	{
		name: "a wrong passphrase",
		resource: dial(() => ({
			privateKey: contract.sshd.encryptedKey,
			privateKeyPassword: "wrong",
		})),
		error: "x509: decryption password incorrect",
	},
	{
		name: "an agent that is not there, though the key would do",
		resource: dial(() => ({ agentSocketPath: "/no/agent" })),
		error: "dial unix /no/agent: connect: no such file or directory",
	},
	{
		name: "a refused environment variable",
		resource: remote("true", undefined, { environment: { REFUSED: "x" } }),
		error: [
			"Unable to set 'REFUSED'. This only works if your SSH server is configured to accept",
			"\tthese variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could",
			"\tprefix the command itself with the variables in the form 'VAR=value command'",
			'could not set environment variable "REFUSED": ssh: setenv failed',
		].join("\n"),
	},
	{
		name: "a proxy that refuses the dial",
		resource: dial(() => ({ proxy: { ...contract.connection, port: 1 } })),
		error:
			"proxy: after 0 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
	},
	{
		name: "a proxy's key that is none",
		resource: dial(() => ({
			proxy: { ...contract.connection, privateKey: "junk" },
		})),
		error: "proxy: ssh: no key found",
	},
	{
		name: "a host that the proxy cannot reach",
		resource: dial(() => ({ port: 1, proxy: contract.connection, ...TRIES })),
		error:
			"proxy: after 2 failed attempts: ssh: rejected: connect failed (Connection refused)",
	},
	{
		name: "a proxy that forbids to be gone through",
		resource: dial(() => ({ proxy: strictLogin() })),
		error:
			"proxy: after 0 failed attempts: ssh: rejected: administratively prohibited (open failed)",
	},
	{
		name: "a host behind a proxy that does not let one in",
		resource: dial(() => ({
			privateKey: contract.sshd.strangerKey,
			proxy: contract.connection,
		})),
		error: `proxy: after 0 failed attempts: ${noMethod("none publickey")}`,
	},
	{
		name: "the same, tried again: the way through the proxy is used up",
		resource: dial(() => ({
			privateKey: contract.sshd.strangerKey,
			proxy: contract.connection,
			...TRIES,
		})),
		error: "proxy: after 2 failed attempts: ssh: handshake failed: EOF",
	},
	{
		name: "a local exit status",
		resource: onThisMachine("echo out; exit 3"),
		error: 'exit status 3: running "echo out; exit 3":\nout',
	},
	{
		name: "a local signal",
		resource: onThisMachine("kill -9 $$"),
		error: 'signal: killed: running "kill -9 $$":',
	},
	{
		name: "a directory that is not there",
		resource: onThisMachine("true", { dir: "/no/dir" }),
		error: 'chdir /no/dir: no such file or directory: running "true":',
	},
	{
		name: "a directory that is a file",
		resource: onThisMachine("true", { dir: "/etc/passwd" }),
		error: 'fork/exec /bin/sh: not a directory: running "true":',
	},
	{
		name: "an interpreter that is not on PATH",
		resource: onThisMachine("true", { interpreter: ["no-such-shell", "-c"] }),
		error:
			'exec: "no-such-shell": executable file not found in $PATH: running "true":',
	},
	{
		name: "an interpreter that is not there",
		resource: onThisMachine("true", { interpreter: ["/no/shell"] }),
		error: 'fork/exec /no/shell: no such file or directory: running "true":',
	},
	{
		name: "an interpreter that is no program",
		resource: onThisMachine("true", { interpreter: ["/etc/passwd"] }),
		error: 'fork/exec /etc/passwd: permission denied: running "true":',
	},
	{
		name: "an environment that is too big",
		resource: onThisMachine("true", { environment: { A: "x".repeat(2e5) } }),
		error: 'fork/exec /bin/sh: argument list too long: running "true":',
	},
	{
		name: "local output that is not UTF-8",
		resource: onThisMachine("printf 'a\\351b' >&2"),
		error: "grpc: error while marshaling: string field contains invalid UTF-8",
	},
	{
		name: "an error text of 300 KB arrives whole",
		resource: onThisMachine("yes 1234567 | head -c 300000; exit 3", {
			logging: "none",
		}),
		error: /^exit status 3: running "[^"]*":\n(1234567\n){37499}1234567$/,
	},
];

let run: Run;
let left: string[];

// One update for all cases, because an update takes longer than the commands in it.
beforeAll(async () => {
	mute = await startMuteServer();
	const settings = ["AllowTcpForwarding no"];
	strict = await startSshd(contract.file("strict"), { settings });
	const stack = await contract.bench.stack();
	const resources = failures.map(({ resource }, i) => ({
		...resource(),
		name: `f${i}`,
	}));
	const flags = ["--continue-on-error"];
	run = await stack.up(resources, { fails: true, flags });
	left = Object.keys(stack.state());
	return async () => {
		mute.stop();
		await strict.stop();
	};
});

test.each(failures.map(({ name, error }, i) => ({ name, error, id: `f${i}` })))(
	"$name",
	({ id, error }) => {
		if (typeof error === "string") expect(run.error(id)).toBe(error);
		else expect(run.error(id)).toMatch(error);
	},
);

test("no failed create leaves a resource in the state", () => {
	expect(left).toEqual([]);
});

/** The resource name of a case. */
const idOf = (part: string) =>
	`f${failures.findIndex(({ name }) => name.includes(part))}`;

test("perDialTimeout ends the dial before its default of 15 seconds", () => {
	expect(run.seconds(idOf("does not answer"))).toBeLessThan(12);
});

test("dialErrorLimit 2 allows three dials, including those whose login fails", () => {
	const id = idOf("not let in,");
	expect(run.status(id)).toEqual([
		"Dial 1/2 failed: retrying",
		"Dial 2/2 failed: retrying",
	]);
	const dials = contract.sshd.log().match(/Invalid user nobody-there/g);
	expect(dials).toHaveLength(3);
});
