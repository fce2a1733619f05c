import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Ssh, SshLogin } from "../model/host";
import {
	HOST_KEY,
	PORT,
	SECRET,
	SSH_ADDRESS,
	USER,
} from "../validation/fields";
import { normalizeKeyText, privateKeyError } from "../validation/private-keys";
import { withOneLineErrors } from "../validation/validate-args";

/**
 * Converts an SSH login to the command plugin's form. The object is written key by key: if the plugin finds an unknown
 * key in a connection, it prints the whole connection, secrets included.
 *
 * @throws RunError if a field that was an Output is invalid, naming the field and never its value
 */
export function toConnection({
	proxy,
	...login
}: Ssh): types.input.remote.ConnectionArgs {
	if (!proxy) return toLogin("ssh", login, dialErrorLimit(login));
	// Through a proxy, a second attempt would use the closed stream of the first one and report EOF instead of the
	// reason. So there is none.
	return {
		...toLogin("ssh", login, 0),
		proxy: toLogin("ssh.proxy", proxy, dialErrorLimit(proxy)),
	};
}

/**
 * The number of retries: 1 without a password, else 0. The plugin retries a refused login as it retries a refused
 * connection. Each attempt sends the password twice, by `password` and by `keyboard-interactive`, which can lock the
 * account. A refused key locks no account.
 */
const dialErrorLimit = ({ password }: SshLogin): number =>
	password === undefined ? 1 : 0;

function toLogin(path: string, login: SshLogin, retries: number) {
	const checked = <T>(
		key: keyof SshLogin,
		value: pulumi.Input<T>,
		schema: z.ZodType,
	) => checkedOutput(`${path}.${key}`, value, schema);
	const { port = 22, password, privateKeyPassword, hostKey } = login;
	return {
		host: checked("host", login.host, SSH_ADDRESS),
		port: checked("port", port, PORT),
		user: checked("user", login.user, USER),
		password: password && checked("password", password, SECRET),
		privateKey: readablePrivateKey(path, login),
		privateKeyPassword:
			privateKeyPassword &&
			checked("privateKeyPassword", privateKeyPassword, SECRET),
		hostKey:
			login.insecureIgnoreHostKey || hostKey === undefined
				? undefined
				: requiredKey(checked("hostKey", hostKey, HOST_KEY)),
		dialErrorLimit: retries,
		perDialTimeout: 15,
	};
}

/** Without a key the plugin accepts any. So an output that has no value becomes a key that it refuses. */
const requiredKey = (key: pulumi.Input<string>): pulumi.Input<string> =>
	isPlain(key)
		? key
		: pulumi.output(key).apply((text) => text ?? "no host key");

/** Validates a value as soon as it is known. */
function checkedOutput<T>(
	path: string,
	value: pulumi.Input<T>,
	schema: z.ZodType,
): pulumi.Input<T> {
	if (isPlain(value)) return value;
	return pulumi
		.output(value)
		.apply(
			withOneLineErrors(
				(resolved) => checkedValue(path, resolved, schema) as T,
			),
		);
}

/**
 * Validates a value that was an Output and could not be validated before. Undefined stays undefined: it is an output of a
 * resource that this update leaves out.
 *
 * @throws Error that names the path, never the value
 */
export function checkedValue<T>(path: string, value: T, schema: z.ZodType): T {
	const { error } = schema.optional().safeParse(value);
	for (const { message } of error?.issues ?? [])
		throw new Error(`${path} ${message}`);
	return value;
}

/** The only place that normalizes a key: updates and inspections get the same text. */
function readablePrivateKey(
	path: string,
	{ privateKey, privateKeyPassword }: SshLogin,
) {
	if (privateKey === undefined) return undefined;
	if (isPlain(privateKey) && isPlain(privateKeyPassword))
		return normalizeKeyText(privateKey as string);
	return pulumi
		.all([privateKey, privateKeyPassword])
		.apply(
			withOneLineErrors(([key, passPhrase]) =>
				checkedKey(key, passPhrase, `${path}.privateKey`),
			),
		);
}

/**
 * Validates and normalizes a private key that was an Output and could not be validated before.
 *
 * @throws Error that describes the problem, never the key
 */
export function checkedKey(
	key: string,
	passPhrase?: string,
	path = "privateKey",
): string {
	// An output of a resource that this update leaves out.
	if (key === undefined) return key;
	const fault = privateKeyError(key, passPhrase);
	if (fault) throw new Error(`${path} ${fault}`);
	return normalizeKeyText(key);
}

const isPlain = <T>(value: pulumi.Input<T>): value is T =>
	!pulumi.Output.isInstance(value) && !(value instanceof Promise);
