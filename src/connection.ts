import type { types } from "@pulumi/command";
import type { SshArgs, SshLoginArgs } from "./host";

/**
 * The command plugin's form of an SSH log-in. Written out key by key: the plugin prints a connection in which it finds
 * an unknown key, secrets included.
 */
export function connectionOf({
	proxy,
	...login
}: SshArgs): types.input.remote.ConnectionArgs {
	if (!proxy) return loginOf(login, 1);
	// Behind a proxy a second try is made on the closed stream of the first and hides the reason behind an EOF.
	return { ...loginOf(login, 0), proxy: loginOf(proxy, 1) };
}

/** `retries`: refused log-ins are tried again as well as refused connections, and the plugin's ten lock an account. */
function loginOf(login: SshLoginArgs, retries: number) {
	return {
		host: login.host,
		port: login.port ?? 22,
		user: login.user,
		password: login.password,
		privateKey: login.privateKey,
		privateKeyPassword: login.privateKeyPassword,
		hostKey: login.insecureIgnoreHostKey ? undefined : login.hostKey,
		dialErrorLimit: retries,
		perDialTimeout: 15,
	};
}
