import { defaultPort, HOST_NAME, networkName } from "../model/host";
import type { Mistake } from "../validation/issues";
import { isPublicKey } from "../validation/ssh-keys";

/*
 * Which entries of a stack are one machine. Kicks of one host are never sent at the same time, and a dirsync server's T2
 * not twice in a row: under two names nothing would see to that. What cannot be read is taken for another machine.
 */

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Two hosts that are one machine, by what is said of their ways in. */
export function checkMachines(hosts: unknown): Mistake[] {
	if (!Array.isArray(hosts)) return [];
	return hosts.flatMap((host, index) => {
		const first = hosts
			.slice(0, index)
			.findIndex((other) => isOneMachine(other, host));
		return first < 0 || isNamedAlike(hosts[first], host)
			? []
			: [mistake(hosts[first], first, host, index)];
	});
}

function mistake(
	other: Fields,
	first: number,
	host: Fields,
	index: number,
): Mistake {
	const way = host.ssh === undefined ? "samba" : "ssh";
	const [own, its] = [host[way], other[way]] as [Fields, Fields];
	const byKey = way === "ssh" && addressOf(own) !== addressOf(its);
	const why = byKey
		? "the same hostKey and port; where they are two that were copied from one, give each a host key of its own"
		: "the same address and port";
	return {
		at: ["hosts", index, way, byKey ? "hostKey" : "host"],
		what: `${named(host)} is the machine of hosts[${first}], ${named(other)}: ${why}. Take one of the two out, for a second T2 within seconds can lose a full import (Q142841)`,
	};
}

const named = ({ name }: Fields): string =>
	HOST_NAME.test(String(name)) ? `"${name}"` : "this host";

/** That has been told already. */
const isNamedAlike = (one: Fields, other: Fields): boolean =>
	String(one.name).toLowerCase() === String(other.name).toLowerCase();

function isOneMachine(one: unknown, other: unknown): boolean {
	if (!isFields(one) || !isFields(other)) return false;
	if (isFields(one.ssh) && isFields(other.ssh))
		return isOneServer(one.ssh, other.ssh);
	const [nt, otherNt] = [one.samba, other.samba];
	return (
		isFields(nt) &&
		isFields(otherNt) &&
		addressOf(nt) !== undefined &&
		addressOf(nt) === addressOf(otherNt) &&
		sambaPort(nt) === sambaPort(otherNt) &&
		isSameWay(nt.gateway, otherNt.gateway)
	);
}

/** Behind two proxies one address may be two machines, and one host key too. */
const isOneServer = (one: Fields, other: Fields): boolean =>
	(one.port ?? 22) === (other.port ?? 22) &&
	(isSame(keyOf(one), keyOf(other)) ||
		isSame(addressOf(one), addressOf(other))) &&
	isSameWay(one.proxy, other.proxy);

const isSame = (one: string | undefined, other: string | undefined): boolean =>
	one !== undefined && one === other;

const isSameWay = (one: unknown, other: unknown): boolean =>
	isFields(one) && isFields(other)
		? isOneServer(one, other)
		: one === undefined && other === undefined;

/** Without its comment. */
const keyOf = ({ hostKey }: Fields): string | undefined =>
	typeof hostKey === "string" && isPublicKey(hostKey)
		? hostKey.trim().split(/ +/)[1]
		: undefined;

const addressOf = ({ host }: Fields): string | undefined =>
	typeof host === "string" ? networkName(host) : undefined;

const sambaPort = ({ port, legacy }: Fields): unknown =>
	port ?? defaultPort({ legacy: legacy === true });
