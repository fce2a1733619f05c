import { defaultPort, HOST_NAME, normalizeHostName } from "../model/host";
import type { ValidationIssue } from "../validation/issues";
import { isPublicKey } from "../validation/ssh-keys";

/*
 * Detects entries of a stack that are the same machine. Kicks of one host must not run at the same time, and a dirsync
 * server must not run a second T2 directly after the first. Under two names nothing would enforce this. An entry that
 * cannot be read counts as another machine.
 */

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Reports two hosts that are the same machine, judged by their transports. */
export function sameMachineIssues(hosts: unknown): ValidationIssue[] {
	if (!Array.isArray(hosts)) return [];
	return hosts.flatMap((host, index) => {
		const first = hosts
			.slice(0, index)
			.findIndex((other) => isSameMachine(other, host));
		return first < 0 || haveSameName(hosts[first], host)
			? []
			: [sameMachineIssue(hosts[first], first, host, index)];
	});
}

function sameMachineIssue(
	other: Fields,
	first: number,
	host: Fields,
	index: number,
): ValidationIssue {
	const transport = host.ssh === undefined ? "samba" : "ssh";
	const [own, its] = [host[transport], other[transport]] as [Fields, Fields];
	const byKey =
		transport === "ssh" && normalizedAddress(own) !== normalizedAddress(its);
	const why = byKey
		? "the same hostKey and port; if they are clones, give each its own host key"
		: "the same address and port";
	return {
		path: ["hosts", index, transport, byKey ? "hostKey" : "host"],
		message: `${quotedName(host)} is the machine of hosts[${first}], ${quotedName(other)}: ${why}. Remove one of them: a second T2 within seconds can lose a full import (Q142841)`,
	};
}

const quotedName = ({ name }: Fields): string =>
	HOST_NAME.test(String(name)) ? `"${name}"` : "this host";

/** `nameIssues` already reports this. */
const haveSameName = (one: Fields, other: Fields): boolean =>
	String(one.name).toLowerCase() === String(other.name).toLowerCase();

function isSameMachine(one: unknown, other: unknown): boolean {
	if (!isFields(one) || !isFields(other)) return false;
	if (isFields(one.ssh) && isFields(other.ssh))
		return isSameSshServer(one.ssh, other.ssh);
	const [nt, otherNt] = [one.samba, other.samba];
	return (
		isFields(nt) &&
		isFields(otherNt) &&
		normalizedAddress(nt) !== undefined &&
		normalizedAddress(nt) === normalizedAddress(otherNt) &&
		sambaPort(nt) === sambaPort(otherNt) &&
		isSameHop(nt.gateway, otherNt.gateway)
	);
}

/** The proxies must be the same too: through two proxies, one address or one host key may belong to two machines. */
const isSameSshServer = (one: Fields, other: Fields): boolean =>
	(one.port ?? 22) === (other.port ?? 22) &&
	(isSameKnown(hostKeyBlob(one), hostKeyBlob(other)) ||
		isSameKnown(normalizedAddress(one), normalizedAddress(other))) &&
	isSameHop(one.proxy, other.proxy);

const isSameKnown = (
	one: string | undefined,
	other: string | undefined,
): boolean => one !== undefined && one === other;

const isSameHop = (one: unknown, other: unknown): boolean =>
	isFields(one) && isFields(other)
		? isSameSshServer(one, other)
		: one === undefined && other === undefined;

/** The key without its type and comment. */
const hostKeyBlob = ({ hostKey }: Fields): string | undefined =>
	typeof hostKey === "string" && isPublicKey(hostKey)
		? hostKey.trim().split(/ +/)[1]
		: undefined;

const normalizedAddress = ({ host }: Fields): string | undefined =>
	typeof host === "string" ? normalizeHostName(host) : undefined;

const sambaPort = ({ port, legacy }: Fields): unknown =>
	port ?? defaultPort({ legacy: legacy === true });
