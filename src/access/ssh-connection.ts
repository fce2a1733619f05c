import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { SshArgs, SshLoginArgs } from "../model/host";
import { keyText, privateKeyFault } from "../validation/private-keys";
import { refusing } from "../validation/validate-args";

/**
 * The command plugin's form of an SSH log-in. Written out key by key: the plugin prints a connection in which it finds
 * an unknown key, secrets included.
 */
export function connectionOf({
	proxy,
	...login
}: SshArgs): types.input.remote.ConnectionArgs {
	if (!proxy) return loginOf(login, retriesOf(login));
	// Behind a proxy a second try is made on the closed stream of the first and hides the reason behind an EOF.
	return { ...loginOf(login, 0), proxy: loginOf(proxy, retriesOf(proxy)) };
}

/**
 * The plugin dials again after a refused log-in as after a refused connection, and each time it tries a password twice,
 * by `password` and by `keyboard-interactive`: that locks accounts. A refused key locks none.
 */
const retriesOf = ({ password }: SshLoginArgs): number =>
	password === undefined ? 1 : 0;

function loginOf(login: SshLoginArgs, retries: number) {
	return {
		host: login.host,
		port: login.port ?? 22,
		user: login.user,
		password: login.password,
		privateKey: keyOf(login),
		privateKeyPassword: login.privateKeyPassword,
		hostKey: login.insecureIgnoreHostKey ? undefined : login.hostKey,
		dialErrorLimit: retries,
		perDialTimeout: 15,
	};
}

/** The one place where a key gets the text that updates and looks are given. */
function keyOf({ privateKey, privateKeyPassword }: SshLoginArgs) {
	if (privateKey === undefined) return undefined;
	if (isKnown(privateKey) && isKnown(privateKeyPassword))
		return keyText(privateKey as string);
	return pulumi
		.all([privateKey, privateKeyPassword])
		.apply(refusing(([key, passPhrase]) => checkedKey(key, passPhrase)));
}

/**
 * What is known later only has not been looked at before.
 *
 * @throws Error without the key
 */
export function checkedKey(key: string, passPhrase?: string): string {
	const fault = privateKeyFault(key, passPhrase);
	if (fault) throw new Error(`privateKey ${fault}`);
	return keyText(key);
}

const isKnown = (text: pulumi.Input<string> | undefined): boolean =>
	text === undefined || typeof text === "string";
