import { HOST_NAME } from "../model/host";
import { SAMBA_PASSWORD, SECRET } from "../validation/fields";
import { isTold, type Mistake, pathOf, UNTOLD } from "../validation/issues";
import { isRecord, type Outline } from "./name-rules";

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

/** Something is there; whether it is good the schema says. */
const opensDoors = (login: Record<string, unknown> | undefined): boolean =>
	login?.password !== undefined || login?.privateKey !== undefined;
