import { defaultPort, HOST_NAME, normalizeHostName } from "../model/host";
import type { ValidationIssue } from "../validation/issues";
import { isPublicKey } from "../validation/ssh-keys";

/*
 * Which entries of a stack are one machine. Kicks of one host are never sent at the same time, and a dirsync server's T2
 * not twice in a row: under two names nothing would see to that. What cannot be read is taken for another machine.
 */

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Two hosts that are one machine, by what is said of their ways in. */
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
	const way = host.ssh === undefined ? "samba" : "ssh";
	const [own, its] = [host[way], other[way]] as [Fields, Fields];
	const byKey =
		way === "ssh" && normalizedAddress(own) !== normalizedAddress(its);
	const why = byKey
		? "the same hostKey and port; where they are two that were copied from one, give each a host key of its own"
		: "the same address and port";
	return {
		path: ["hosts", index, way, byKey ? "hostKey" : "host"],
		message: `${quotedName(host)} is the machine of hosts[${first}], ${quotedName(other)}: ${why}. Take one of the two out, for a second T2 within seconds can lose a full import (Q142841)`,
	};
}

const quotedName = ({ name }: Fields): string =>
	HOST_NAME.test(String(name)) ? `"${name}"` : "this host";

/** That has been told already. */
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

/** Behind two proxies one address may be two machines, and one host key too. */
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

/** Without its comment. */
const hostKeyBlob = ({ hostKey }: Fields): string | undefined =>
	typeof hostKey === "string" && isPublicKey(hostKey)
		? hostKey.trim().split(/ +/)[1]
		: undefined;

const normalizedAddress = ({ host }: Fields): string | undefined =>
	typeof host === "string" ? normalizeHostName(host) : undefined;

const sambaPort = ({ port, legacy }: Fields): unknown =>
	port ?? defaultPort({ legacy: legacy === true });
