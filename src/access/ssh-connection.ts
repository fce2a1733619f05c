import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Ssh, SshLogin } from "../model/host";
import { normalizeKeyText, privateKeyError } from "../validation/private-keys";
import { withOneLineErrors } from "../validation/validate-args";

/**
 * The command plugin's form of an SSH log-in. Written out key by key: the plugin prints a connection in which it finds
 * an unknown key, secrets included.
 */
export function toConnection({
	proxy,
	...login
}: Ssh): types.input.remote.ConnectionArgs {
	if (!proxy) return toLogin(login, dialErrorLimit(login));
	// Behind a proxy a second try is made on the closed stream of the first and hides the reason behind an EOF.
	return { ...toLogin(login, 0), proxy: toLogin(proxy, dialErrorLimit(proxy)) };
}

/**
 * The plugin dials again after a refused log-in as after a refused connection, and each time it tries a password twice,
 * by `password` and by `keyboard-interactive`: that locks accounts. A refused key locks none.
 */
const dialErrorLimit = ({ password }: SshLogin): number =>
	password === undefined ? 1 : 0;

function toLogin(login: SshLogin, retries: number) {
	return {
		host: login.host,
		port: login.port ?? 22,
		user: login.user,
		password: login.password,
		privateKey: readablePrivateKey(login),
		privateKeyPassword: login.privateKeyPassword,
		hostKey: login.insecureIgnoreHostKey ? undefined : login.hostKey,
		dialErrorLimit: retries,
		perDialTimeout: 15,
	};
}

/** The one place where a key gets the text that updates and looks are given. */
function readablePrivateKey({ privateKey, privateKeyPassword }: SshLogin) {
	if (privateKey === undefined) return undefined;
	if (isKnown(privateKey) && isKnown(privateKeyPassword))
		return normalizeKeyText(privateKey as string);
	return pulumi
		.all([privateKey, privateKeyPassword])
		.apply(
			withOneLineErrors(([key, passPhrase]) => checkedKey(key, passPhrase)),
		);
}

/**
 * What is known later only has not been looked at before.
 *
 * @throws Error without the key
 */
export function checkedKey(key: string, passPhrase?: string): string {
	const fault = privateKeyError(key, passPhrase);
	if (fault) throw new Error(`privateKey ${fault}`);
	return normalizeKeyText(key);
}

const isKnown = (text: pulumi.Input<string> | undefined): boolean =>
	text === undefined || typeof text === "string";
