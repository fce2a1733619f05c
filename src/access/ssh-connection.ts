import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Ssh, SshLogin } from "../model/host";
import { normalizeKeyText, privateKeyError } from "../validation/private-keys";
import { withOneLineErrors } from "../validation/validate-args";

/**
 * Converts an SSH login to the command plugin's form. The object is written key by key: if the plugin finds an unknown
 * key in a connection, it prints the whole connection, secrets included.
 *
 * @throws RunError if a private key that was an Output is invalid
 */
export function toConnection({
	proxy,
	...login
}: Ssh): types.input.remote.ConnectionArgs {
	if (!proxy) return toLogin(login, dialErrorLimit(login));
	// Through a proxy, a second attempt would use the closed stream of the first one and report EOF instead of the
	// reason. So there is none.
	return { ...toLogin(login, 0), proxy: toLogin(proxy, dialErrorLimit(proxy)) };
}

/**
 * The number of retries: 1 without a password, else 0. The plugin retries a refused login as it retries a refused
 * connection. Each attempt sends the password twice, by `password` and by `keyboard-interactive`, which can lock the
 * account. A refused key locks no account.
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

/** The only place that normalizes a key: updates and inspections get the same text. */
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
 * Validates and normalizes a private key that was an Output and could not be validated before.
 *
 * @throws Error that describes the problem, never the key
 */
export function checkedKey(key: string, passPhrase?: string): string {
	const fault = privateKeyError(key, passPhrase);
	if (fault) throw new Error(`privateKey ${fault}`);
	return normalizeKeyText(key);
}

const isKnown = (text: pulumi.Input<string> | undefined): boolean =>
	text === undefined || typeof text === "string";
