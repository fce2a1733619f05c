import * as pulumi from "@pulumi/pulumi";
import { createAccess, withLogin } from "../access/access";
import { toConnection } from "../access/ssh-connection";
import type { HostConfig } from "../config/load-config";
import {
	type CycleType,
	cycleType,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	type Ssh,
} from "../model/host";
import type { Route } from "./ssh";

/** A host of a stack as the command line tools need it, from the configuration or from the stack's state. */
export interface Host {
	name: string;
	/** The kind of the transport, as in `Access.kind`. */
	kind: string;
	transport: Transport;
	/** Null if it is not known: the state does not show the role of a host without a cycle. */
	cycleType: CycleType | null;
	/** Undefined if no cycle is declared. */
	triggers: readonly string[] | undefined;
	onUncertain: OnUncertain;
	onDestroy: OnDestroy;
}

/** The settings of a kick. Undefined or null: it is not known before the update. */
export interface KickSettings {
	type: CycleType | null;
	onUncertain: OnUncertain | undefined;
	/** Whether it is refused while an earlier T2 has no T3. */
	t3BeforeT2: boolean | undefined;
}

/** How to reach a host, with its secrets in clear. */
export type Transport =
	| { ssh: Route; registryTool: RegistryTool }
	| {
			/** The lines before a script: see `loginLines`. */
			login: string;
			legacy: boolean;
			/** The machine that has `net`. @default this one */
			gateway?: Route;
	  };

/** Converts a host of the configuration. */
export async function fromConfig({ name, args }: HostConfig): Promise<Host> {
	return {
		name,
		kind: createAccess(args).kind,
		transport: await toTransport(args),
		cycleType: cycleType(args.role),
		triggers: args.cycle?.triggers,
		onUncertain: args.cycle?.onUncertain ?? OnUncertain.Fail,
		onDestroy: args.onDestroy ?? OnDestroy.Restore,
	};
}

async function toTransport({
	ssh,
	samba,
	registryTool = RegistryTool.Auto,
}: HostConfig["args"]): Promise<Transport> {
	if (!samba) return { ssh: await toRoute(ssh as Ssh), registryTool };
	return {
		login: await plain(withLogin(samba, "")),
		legacy: samba.legacy ?? false,
		...(samba.gateway && { gateway: await toRoute(samba.gateway) }),
	};
}

const toRoute = async (ssh: Ssh) => (await plain(toConnection(ssh))) as Route;

/** Resolves secrets to plain values. The results stay in this process. */
const plain = <T>(value: T) =>
	new Promise<pulumi.Unwrap<T>>((resolve) => {
		pulumi.output(value).apply(resolve);
	});
