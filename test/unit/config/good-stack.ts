import { HOST_KEY, WORD } from "../validation/ssh-keys.ts";

/* A valid configuration and its parts. Tests change them to get invalid ones. */

/** Every secret of these tests contains the same word, so that a test can search for it. */
export const SECRET = `${WORD}-do-not-print`;

export const ssh = (changes: Record<string, unknown> = {}) => ({
	host: "127.0.0.1",
	user: "Administrator",
	hostKey: HOST_KEY,
	...changes,
});

const names: unknown[] = ["EXCH01"];

function portOf(name: unknown = "EXCH01"): number {
	if (!names.includes(name)) names.push(name);
	return 22 + names.indexOf(name);
}

/** Each name gets its own port, so that it is a separate machine. */
export const host = (changes: Record<string, unknown> = {}) => ({
	name: "EXCH01",
	role: "requestor",
	ssh: ssh({ port: portOf(changes.name) }),
	cycle: { triggers: ["initial-import"] },
	...changes,
});

export const proxy = (changes: Record<string, unknown> = {}) => ({
	host: "jump.corp.example",
	user: "ops",
	hostKey: HOST_KEY,
	...changes,
});

export const throughProxy = (changes: Record<string, unknown> = {}) =>
	host({ ssh: ssh({ proxy: proxy(changes) }) });

export const samba = (changes: Record<string, unknown> = {}) => ({
	host: "10.0.0.9",
	user: "SITE\\Administrator",
	...changes,
});

export const credentials = { EXCH01: { password: SECRET } };

export const GOOD_STACK = { hosts: [host()], credentials };
