import { HOST_NAME } from "../model/host";
import { checkApart, checkCutover } from "../validation/cutover-rules";
import { SAMBA_PASSWORD, SECRET } from "../validation/fields";
import { isTold, type Mistake, pathOf, UNTOLD } from "../validation/issues";

/** What the checks between entries need of a host, read from whatever is there: one bad field hides no other mistake. */
export interface Outline {
	at: readonly PropertyKey[];
	name: string;
	/** The way in: Samba takes a password only. */
	samba: boolean;
	/** The SSH server before it, by the name that its credentials have. Undefined where that cannot be told. */
	hasProxy: boolean | undefined;
	hasGateway: boolean | undefined;
	gatewayHasProxy: boolean | undefined;
	/** Whether the credentials hold a post office administrator's password: `no`, or `must` where IMPORT asks for it. */
	admin: "no" | "may" | "must";
}

/** The hosts that have a name at all, the bad ones included. */
export function outline(hosts: unknown): Outline[] {
	return outlineAll(hosts, ["hosts"], "no");
}

/** The post offices that have a name at all, each of them once though it take part in several cutovers. */
export function outlinePostOffices(cutovers: unknown): Outline[] {
	if (!Array.isArray(cutovers)) return [];
	const all = cutovers.flatMap((cutover, index) =>
		outlineAll(
			cutover?.postOffices,
			["cutovers", index, "postOffices"],
			cutover?.applyOnPostOffices === false ? "may" : "must",
		),
	);
	return all.filter(
		({ name, admin }, index) =>
			!all.some(
				(other, before) =>
					other.name === name &&
					(other.admin === admin ? before < index : other.admin === "must"),
			),
	);
}

function outlineAll(
	list: unknown,
	at: readonly PropertyKey[],
	admin: Outline["admin"],
): Outline[] {
	if (!Array.isArray(list)) return [];
	return list.flatMap((one, index) =>
		typeof one?.name === "string"
			? {
					at: [...at, index],
					name: one.name,
					samba: one.samba !== undefined,
					...detoursOf(one),
					admin,
				}
			: [],
	);
}

/** Which SSH servers a host is reached through. */
function detoursOf({ ssh, samba }: { ssh?: unknown; samba?: unknown }) {
	const has = (login: unknown, key: string) =>
		isRecord(login) ? login[key] !== undefined : undefined;
	const gateway = isRecord(samba) ? samba.gateway : undefined;
	return {
		hasProxy: samba === undefined ? has(ssh, "proxy") : false,
		hasGateway: samba === undefined ? false : has(samba, "gateway"),
		gatewayHasProxy: gateway === undefined ? false : has(gateway, "proxy"),
	};
}

/** What has to hold within each cutover, between them, and between them and the hosts. */
export function checkCutovers(cutovers: unknown, hosts: unknown): Mistake[] {
	if (!Array.isArray(cutovers)) return [];
	const known = (Array.isArray(hosts) ? hosts : []).filter(
		(host) => typeof host?.name === "string",
	);
	const isHost = (name: unknown) => known.some((host) => host.name === name);
	return [
		...checkApart(
			cutovers.flatMap((cutover, index) =>
				typeof cutover?.name === "string"
					? { at: ["cutovers", index, "name"], name: cutover.name }
					: [],
			),
		),
		...cutovers.flatMap((cutover, index): Mistake[] => {
			if (!isRecord(cutover)) return [];
			const { exchange } = cutover;
			const at = ["cutovers", index];
			const strange =
				typeof exchange === "string" &&
				Array.isArray(hosts) &&
				!isHost(exchange);
			const own = checkCutover(
				cutover,
				known.find(({ name }) => name === exchange),
			);
			return [
				...(strange
					? [
							{
								at: [...at, "exchange"],
								what: "must be the name of one of the hosts",
							},
						]
					: []),
				...own.map(({ at: within, what }) => ({
					at: [...at, ...within],
					what,
				})),
			];
		}),
		...outlinePostOffices(cutovers)
			.filter(({ name }) => isHost(name))
			.map(({ at, name }) => ({
				at: [...at, "name"],
				what: `must not be the name of a host, as "${name}" is: credentials go by it`,
			})),
	];
}

/** Names are unique, whatever their case: credentials and the host's own records go by them. */
export function checkNames(hosts: readonly Outline[]): Mistake[] {
	const named = hosts.filter(({ name }) => HOST_NAME.test(name));
	const lower = named.map(({ name }) => name.toLowerCase());
	return named.flatMap(({ at, name }, index) => {
		const first = named[lower.indexOf(lower[index] as string)];
		if (first && first.at !== at)
			return {
				at: [...at, "name"],
				what: `must be unique, in capitals or not, but hosts[${String(first.at[1])}] is called "${first.name}"`,
			};
		const base = named.find((other) => name === `${other.name}-cycle`);
		// The trigger resource of a host is called so.
		return base
			? {
					at: [...at, "name"],
					what: `must not be another host's name with -cycle behind it, as is that of hosts[${String(base.at[1])}]`,
				}
			: [];
	});
}

/** The credentials of a host, and the name under which they stand; a name like `constructor` is no entry. */
export function entryFor<T>(name: string, credentials: Record<string, T>) {
	for (const entry of [name, "default"])
		if (Object.hasOwn(credentials, entry))
			return { entry, own: credentials[entry] };
	return undefined;
}

/** Takes the entries out that may not be told of by their names. */
export function tellable(given: unknown, hosts: readonly Outline[]) {
	if (!isRecord(given)) return { credentials: given, mistakes: [] };
	const known = new Set(["default", ...hosts.map(({ name }) => name)]);
	const all = Object.entries(given);
	const told = all.filter(
		([name, own]) => known.has(name) || isTold(name, own, true),
	);
	return {
		credentials: Object.fromEntries(told),
		mistakes: [
			...told
				.filter(([name]) => !known.has(name))
				.map(([name]) => ({
					at: ["credentials", name],
					what: "is neither default nor the name of a host or post office",
				})),
			...(told.length < all.length
				? [{ at: ["credentials"], what: UNTOLD }]
				: []),
		],
	};
}

/** Every host can log in, to itself and to those before it, and nobody's credentials lie about. */
export function checkCredentials(
	hosts: readonly Outline[],
	credentials: unknown,
): Mistake[] {
	if (!isRecord(credentials)) return [];
	return hosts
		.filter(({ name }) => HOST_NAME.test(name))
		.flatMap((host) => {
			const { name } = host;
			const { entry, own } = entryFor(name, credentials) ?? { entry: name };
			// What is there and no object has been told already.
			if (own !== undefined && !isRecord(own)) return [];
			const at = ["credentials", entry];
			return [
				...checkLogin(host, at, own),
				...checkDetours(host, at, own, entry !== "default"),
				...checkAdmin(host, at, own, entry !== "default"),
			];
		});
}

type Own = Record<string, unknown> | undefined;

const commandFor = (at: readonly PropertyKey[]) =>
	`pulumi config set --secret --path '${pathOf(at)}'`;

function checkLogin(
	{ name, samba }: Outline,
	at: readonly PropertyKey[],
	own: Own,
): Mistake[] {
	if (!samba)
		return opensDoors(own)
			? []
			: [
					{
						at,
						what: `host ${name} ${KEY_OR_PASSWORD}; ${commandFor([...at, "password"])}`,
					},
				];
	const password = own?.password;
	if (password === undefined)
		return [
			{
				at: [...at, "password"],
				what: `is missing: host ${name} is reached by samba, which takes no other; ${commandFor([...at, "password"])}`,
			},
		];
	const fault = SAMBA_PASSWORD.safeParse(password).error?.issues.at(-1);
	// What is wrong with any password has been told by the schema.
	return fault && SECRET.safeParse(password).success
		? [{ at: [...at, "password"], what: fault.message }]
		: [];
}

const KEY_OR_PASSWORD = "needs a privateKey or a password";

/** The credentials of the SSH servers on the way, for those that there are and for no others. */
function checkDetours(
	{ name, samba, hasProxy, hasGateway, gatewayHasProxy }: Outline,
	at: readonly PropertyKey[],
	own: Own,
	isOwn: boolean,
): Mistake[] {
	const gateway = isRecord(own?.gateway) ? own.gateway : undefined;
	const check = (
		has: boolean | undefined,
		path: readonly string[],
		what: string,
		login: unknown,
	): Mistake[] => {
		const where = [...at, ...path];
		if (has && (login === undefined || (isRecord(login) && !opensDoors(login))))
			return [
				{
					at: where,
					what: `host ${name} goes through a ${what}, which ${KEY_OR_PASSWORD}`,
				},
			];
		return has === false && isOwn && login !== undefined
			? [
					{
						at: where,
						what: `host ${name} goes through no ${what}: take it out, or say which in ${samba ? ["samba", ...path].join(".") : "ssh.proxy"}`,
					},
				]
			: [];
	};
	return [
		...check(hasProxy, ["proxy"], "proxy", own?.proxy),
		...check(hasGateway, ["gateway"], "gateway", own?.gateway),
		...check(
			gatewayHasProxy,
			["gateway", "proxy"],
			"proxy before its gateway",
			gateway?.proxy,
		),
		...(samba && isOwn && own?.privateKey !== undefined
			? [
					{
						at: [...at, "privateKey"],
						what: `host ${name} is reached by samba, which takes a password only; a gateway's key stands under gateway`,
					},
				]
			: []),
	];
}

function checkAdmin(
	{ name, admin }: Outline,
	at: readonly PropertyKey[],
	own: Own,
	isOwn: boolean,
): Mistake[] {
	const where = [...at, "adminPassword"];
	const there = own?.adminPassword !== undefined;
	if (admin === "must" && !there)
		return [
			{
				at: where,
				what: `is missing: IMPORT asks for it at post office ${name}; ${commandFor(where)}`,
			},
		];
	return admin === "no" && isOwn && there
		? [
				{
					at: where,
					what: `is for post offices, and host ${name} is none: take it out`,
				},
			]
		: [];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Something is there; whether it is good the schema says. */
const opensDoors = (login: Record<string, unknown> | undefined): boolean =>
	login?.password !== undefined || login?.privateKey !== undefined;
