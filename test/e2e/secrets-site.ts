import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import ssh2 from "ssh2";
import type { LabHost } from "../lab/host.ts";
import { openPasswordDoor, type PasswordDoor } from "../lab/password-door.ts";
import type { Run, Stack } from "../stack.ts";
import { Canaries } from "./canaries.ts";
import { Bench } from "./fixture.ts";
import { ProcessWatch } from "./process-watch.ts";

/** A private key and its pass phrase, each a canary. */
export interface EncryptedKey {
	privateKey: string;
	phrase: string;
	/** `ssh-ed25519 AAAA...` */
	publicKey: string;
}

/** Two hosts that together use every kind of credential. Each credential is a canary. A watch reads all processes. */
export class Site {
	readonly bench = new Bench();
	readonly canaries = new Canaries();
	/** BYKEY: accepts a key with a pass phrase. Its proxy accepts a password. */
	byKey!: LabHost;
	/** BYPASSWORD: accepts a password at its door. Its proxy accepts a key with a pass phrase. */
	byPassword!: LabHost;
	door!: PasswordDoor;
	proxies!: { ofKey: PasswordDoor; ofPassword: PasswordDoor };
	hostKey!: EncryptedKey;
	proxyKey!: EncryptedKey;
	/** A key that no host accepts. */
	strangerKey!: EncryptedKey;
	stack!: Stack;
	/** The temporary folder of Pulumi and its plugins, where they write log files. */
	temporary!: string;
	/** Runs from before the credentials are set. */
	watch!: ProcessWatch;
	readonly #hostPassword = this.canaries.phrase("host password");
	readonly #proxyPassword = this.canaries.phrase("proxy password");

	async start(): Promise<void> {
		this.temporary = await mkdtemp(join(tmpdir(), "dirsync-secrets-"));
		[this.byKey, this.byPassword] = await Promise.all([
			this.bench.host({ make: "nt4", language: "de" }),
			this.bench.host(),
		]);
		this.hostKey = await this.#encrypted("host key", this.byKey.privateKeyFile);
		this.proxyKey = await this.#encrypted("proxy key");
		this.strangerKey = await this.#encrypted("stranger's key");
		this.door = await openPasswordDoor({
			password: this.#hostPassword,
			host: this.byPassword.ssh,
		});
		this.proxies = {
			ofKey: await openPasswordDoor({ password: this.#proxyPassword }),
			ofPassword: await openPasswordDoor({
				publicKey: this.proxyKey.publicKey,
			}),
		};
		this.stack = await this.bench.stack();
		await this.declare("first");
		this.watch = new ProcessWatch();
		await this.watch.sampled();
		for (const [path, secret] of Object.entries(this.credentials))
			await this.stack.setSecret(`credentials.${path}`, secret);
	}

	async end(): Promise<void> {
		this.watch?.stop();
		for (const door of this.doors) door?.stop();
		await this.bench.end();
		await rm(this.temporary, { recursive: true, force: true });
	}

	get doors(): PasswordDoor[] {
		return [this.door, this.proxies?.ofKey, this.proxies?.ofPassword];
	}

	/** Declares both hosts with this trigger. A new trigger starts a kick. */
	declare(trigger: string): Promise<void> {
		const cycle = { triggers: [trigger] };
		const { ofKey, ofPassword } = this.proxies;
		const byKey = { ...this.sshOfKey, proxy: loginOf(ofKey) };
		const byPassword = { ...loginOf(this.door), proxy: loginOf(ofPassword) };
		return this.stack.configure({
			hosts: [
				{ name: "BYKEY", role: "requestor", ssh: byKey, cycle },
				{ name: "BYPASSWORD", role: "server", ssh: byPassword, cycle },
			],
		});
	}

	/** The log-in at BYKEY, without a proxy and without credentials. */
	get sshOfKey() {
		const { privateKey: _, ...ssh } = this.byKey.ssh;
		return ssh;
	}

	/** The secrets that are set with `pulumi config set --secret --path`, by path. */
	get credentials(): Record<string, string> {
		return {
			"BYKEY.privateKey": this.hostKey.privateKey,
			"BYKEY.privateKeyPassword": this.hostKey.phrase,
			"BYKEY.proxy.password": this.#proxyPassword,
			"BYPASSWORD.password": this.#hostPassword,
			"BYPASSWORD.proxy.privateKey": this.proxyKey.privateKey,
			"BYPASSWORD.proxy.privateKeyPassword": this.proxyKey.phrase,
		};
	}

	/** The folder of the stack: project, stack file, and the backend with all its history. */
	get stackFolder(): string {
		return dirname(dirname(this.stack.file));
	}

	/** Runs Pulumi so that it writes its log files into the temporary folder, which the tests search. */
	async pulumi(...args: string[]): Promise<Run> {
		const before = process.env.TMPDIR;
		process.env.TMPDIR = this.temporary;
		try {
			return await this.stack.pulumi(...args);
		} finally {
			if (before === undefined) delete process.env.TMPDIR;
			else process.env.TMPDIR = before;
		}
	}

	/** Creates a key with a pass phrase: a copy of the key in the file, or a new key. */
	async #encrypted(name: string, file?: string): Promise<EncryptedKey> {
		const folder = join(this.temporary, "keys");
		await mkdir(folder, { recursive: true });
		const path = join(folder, "key");
		const make = ["-q", "-t", "ed25519", "-C", "canary", "-N", "", "-f", path];
		await (file ? copyFile(file, path) : execa("ssh-keygen", make));
		const phrase = this.canaries.phrase(`${name}'s pass phrase`);
		await execa("ssh-keygen", ["-q", "-p", "-P", "", "-N", phrase, "-f", path]);
		const pem = await readFile(path, "utf8");
		await rm(folder, { recursive: true });
		const key = ssh2.utils.parseKey(pem, phrase);
		if (key instanceof Error) throw key;
		return {
			privateKey: this.canaries.key(name, pem),
			phrase,
			publicKey: `${key.type} ${key.getPublicSSH().toString("base64")}`,
		};
	}
}

/** A door as a connection in the stack's configuration. */
export const loginOf = ({ host, port, hostKey }: PasswordDoor) => ({
	host,
	port,
	hostKey,
	user: "Administrator",
});
