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
	return { ...loginOf(login), ...(proxy && { proxy: loginOf(proxy) }) };
}

function loginOf(login: SshLoginArgs) {
	return {
		host: login.host,
		port: login.port ?? 22,
		user: login.user,
		password: login.password,
		privateKey: login.privateKey,
		privateKeyPassword: login.privateKeyPassword,
		hostKey: login.insecureIgnoreHostKey ? undefined : login.hostKey,
		// The plugin retries refused log-ins as well as refused connections: its own ten would lock an account.
		dialErrorLimit: 1,
		perDialTimeout: 15,
	};
}
