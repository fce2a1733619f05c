import { HOST_NAME } from "../model/host";
import { SAMBA_PASSWORD, SECRET } from "../validation/fields";
import {
	formatPath,
	HIDDEN_KEY_MESSAGE,
	isPrintableKey,
	type ValidationIssue,
} from "../validation/issues";
import { type HostSummary, isRecord } from "./name-rules";

/**
 * The credentials of a host and their key: its name, else `default`. It considers own properties only, so a host named
 * `constructor` has no credentials by accident.
 */
export function credentialsFor<T>(
	name: string,
	credentials: Record<string, T>,
) {
	for (const entry of [name, "default"])
		if (Object.hasOwn(credentials, entry))
			return { entry, own: credentials[entry] };
	return undefined;
}

/** Removes the entries whose keys a message must not show, and reports unknown keys. */
export function partitionPrintableKeys(
	given: unknown,
	hosts: readonly HostSummary[],
) {
	if (!isRecord(given)) return { credentials: given, issues: [] };
	const known = new Set(["default", ...hosts.map(({ name }) => name)]);
	const all = Object.entries(given);
	const reported = all.filter(
		([name, own]) => known.has(name) || isPrintableKey(name, own, true),
	);
	return {
		credentials: Object.fromEntries(reported),
		issues: [
			...reported
				.filter(([name]) => !known.has(name))
				.map(([name]) => ({
					path: ["credentials", name],
					message: "is neither default nor the name of a host or post office",
				})),
			...(reported.length < all.length
				? [{ path: ["credentials"], message: HIDDEN_KEY_MESSAGE }]
				: []),
		],
	};
}

/** Requires credentials for each host and each server before it, and reports those that are not used. */
export function credentialIssues(
	hosts: readonly HostSummary[],
	credentials: unknown,
): ValidationIssue[] {
	if (!isRecord(credentials)) return [];
	return hosts
		.filter(({ name }) => HOST_NAME.test(name))
		.flatMap((host) => {
			const { name } = host;
			const { entry, own } = credentialsFor(name, credentials) ?? {
				entry: name,
			};
			// The schema has already reported an entry that is not an object.
			if (own !== undefined && !isRecord(own)) return [];
			const entryPath = ["credentials", entry];
			return [
				...loginIssues(host, entryPath, own),
				...hopIssues(host, entryPath, own, entry !== "default"),
				...adminPasswordIssues(host, entryPath, own, entry !== "default"),
			];
		});
}

type CredentialEntry = Record<string, unknown> | undefined;

const setSecretCommand = (entryPath: readonly PropertyKey[]) =>
	`pulumi config set --secret --path '${formatPath(entryPath)}'`;

function loginIssues(
	{ name, samba }: HostSummary,
	entryPath: readonly PropertyKey[],
	own: CredentialEntry,
): ValidationIssue[] {
	if (!samba)
		return hasCredential(own)
			? []
			: [
					{
						path: entryPath,
						message: `host ${name} ${KEY_OR_PASSWORD}; ${setSecretCommand([...entryPath, "password"])}`,
					},
				];
	const password = own?.password;
	if (password === undefined)
		return [
			{
				path: [...entryPath, "password"],
				message: `is missing: host ${name} is reached by samba, which accepts only a password; ${setSecretCommand([...entryPath, "password"])}`,
			},
		];
	const fault = SAMBA_PASSWORD.safeParse(password).error?.issues.at(-1);
	// The schema has already reported an error that applies to any password.
	return fault && SECRET.safeParse(password).success
		? [{ path: [...entryPath, "password"], message: fault.message }]
		: [];
}

const KEY_OR_PASSWORD = "needs a privateKey or a password";

/** Requires credentials for the SSH servers that a host is reached through, and for no others. */
function hopIssues(
	{ name, samba, hasProxy, hasGateway, gatewayHasProxy }: HostSummary,
	entryPath: readonly PropertyKey[],
	own: CredentialEntry,
	isOwn: boolean,
): ValidationIssue[] {
	const gateway = isRecord(own?.gateway) ? own.gateway : undefined;
	const check = (
		has: boolean | undefined,
		path: readonly string[],
		hop: string,
		login: unknown,
	): ValidationIssue[] => {
		const where = [...entryPath, ...path];
		if (
			has &&
			(login === undefined || (isRecord(login) && !hasCredential(login)))
		)
			return [
				{
					path: where,
					message: `host ${name} goes through a ${hop}, which ${KEY_OR_PASSWORD}`,
				},
			];
		return has === false && isOwn && login !== undefined
			? [
					{
						path: where,
						message: `host ${name} goes through no ${hop}: remove it, or configure one in ${samba ? ["samba", ...path].join(".") : "ssh.proxy"}`,
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
						path: [...entryPath, "privateKey"],
						message: `host ${name} is reached by samba, which takes a password only; the key of a gateway belongs under gateway`,
					},
				]
			: []),
	];
}

function adminPasswordIssues(
	{ name, admin }: HostSummary,
	entryPath: readonly PropertyKey[],
	own: CredentialEntry,
	isOwn: boolean,
): ValidationIssue[] {
	const where = [...entryPath, "adminPassword"];
	const there = own?.adminPassword !== undefined;
	if (admin === "must" && !there)
		return [
			{
				path: where,
				message: `is missing: IMPORT needs it at post office ${name}; ${setSecretCommand(where)}`,
			},
		];
	return admin === "no" && isOwn && there
		? [
				{
					path: where,
					message: `is for post offices, and host ${name} is none: take it out`,
				},
			]
		: [];
}

/** Whether there is a password or key. The schema decides whether it is valid. */
const hasCredential = (login: Record<string, unknown> | undefined): boolean =>
	login?.password !== undefined || login?.privateKey !== undefined;
