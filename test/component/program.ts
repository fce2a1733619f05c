import * as pulumi from "@pulumi/pulumi";

export const PROJECT = "exchange-dirsync";
const ORGANIZATION = "corp";
const STACK = "rehearsal";

export const STACK_NAME = `${PROJECT}-${STACK}`;
export const STACK_TYPE = pulumi.runtime.rootPulumiStackTypeName;
export const COMPONENT_TYPE = "exchange-dirsync:index:PauseKicksDX";
export const CUTOVER_TYPE = "exchange-dirsync:index:PostOfficeCutover";
export const COMMAND_TYPE = "command:remote:Command";
export const LOCAL_TYPE = "command:local:Command";

/** The full name of the stack, as the host record stores it. */
export const FULL_STACK = `${ORGANIZATION}/${PROJECT}/${STACK}`;

type Options = pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions;

/** One resource as a program registered it. */
export interface Registered {
	type: string;
	name: string;
	/** As sent to the engine. */
	inputs: Record<string, unknown>;
	/** For each input, the names of the resources that it depends on. */
	dependencies: Record<string, string[]>;
	/** Before Pulumi adds its defaults. */
	opts: Options;
	resource: pulumi.Resource;
}

/** The result of a program. */
export interface Run {
	/** In the order of their construction, without the stack. */
	resources: Registered[];
	/** The resolved return value of the program. Undefined in a preview in which it is unknown. */
	outputs: Record<string, unknown> | undefined;
	/** The outputs that each component and the stack registered, by type and name, as sent to the engine. */
	registeredOutputs: Record<string, unknown>;
}

/** The conditions under which a program runs. */
export interface World {
	stack?: string;
	preview?: boolean;
	/**
	 * Returns what the host prints, or printed earlier, for the command of that name. Undefined: the command does not
	 * exist, and this update leaves it out. Without this function, the output is unknown in a preview.
	 */
	stdout?: (name: string) => string | undefined | Promise<string>;
}

export const KICKED_AT = "1999-03-01T22:00:00Z";
export const EVIDENCE = "net pause answered NET HELPMSG 3539";
const RECEIPT = `"Receipt.cycle"="dx-done:cycle 0123456789abcdef ${KICKED_AT} ${EVIDENCE};"\r\nT1 started`;

/** The output of a host on which the command succeeded. */
export const goodHost = (name: string): string =>
	name.endsWith("-cycle")
		? RECEIPT
		: "before: dword:00000000\r\nPauseKicksDX is 1, service restarted: yes";

/** Runs a program as the language host does, with Pulumi's mocks instead of engine and plugin. */
export async function run(
	program: () => unknown,
	world: World = {},
): Promise<Run> {
	const { thrown, ...result } = await attempt(program, world);
	if (thrown !== undefined) throw thrown;
	return result;
}

/** Like {@link run}, for a program that may throw. */
export async function attempt(
	program: () => unknown,
	world: World = {},
): Promise<Run & { thrown: unknown }> {
	const { stack = STACK, preview = false } = world;
	const mocks = new Recorder(world);
	await pulumi.runtime.setMocks(mocks, PROJECT, stack, preview, ORGANIZATION);
	const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
	const dependencies = dependenciesSeenBy(monitor);
	const declared: Omit<Registered, "inputs" | "dependencies">[] = [];
	let thrown: unknown;
	const outputs = await pulumi.runtime.runInPulumiStack(async () => {
		pulumi.runtime.registerStackTransformation((args) => {
			const { type, name, opts, resource } = args;
			declared.push({ type, name, opts: opts as Options, resource });
			return undefined;
		});
		try {
			return await program();
		} catch (error) {
			thrown = error;
		}
	});
	await pulumi.runtime.disconnect();
	if (mocks.strangers.length > 0)
		throw new Error(`the mocks do not know ${mocks.strangers.join(", ")}`);
	return {
		resources: declared.map((one) => ({
			...one,
			inputs: mocks.inputsOf(one),
			dependencies: dependencies.get(`${one.type} ${one.name}`) ?? {},
		})),
		outputs,
		registeredOutputs: Object.fromEntries(
			[...monitor.resources].flatMap(([urn, { state }]) =>
				state.toJavaScript ? [[typeAndName(urn), state.toJavaScript()]] : [],
			),
		),
		thrown,
	};
}

/** The part of Pulumi's mock monitor that its types omit. After outputs were registered, a state is a message. */
interface MockMonitor {
	resources: Map<string, { state: { toJavaScript?: () => unknown } }>;
	registerResource(request: RegisterRequest, callback: unknown): unknown;
}

/** The part of a registration that Pulumi does not pass to the mocks. */
interface RegisterRequest {
	getType(): string;
	getName(): string;
	getPropertydependenciesMap(): {
		forEach(
			look: (dependencies: { getUrnsList(): string[] }, key: string) => void,
		): void;
	};
}

/** Records what the inputs of each registered resource depend on, by type and name. */
function dependenciesSeenBy(monitor: MockMonitor) {
	const seen = new Map<string, Record<string, string[]>>();
	const register = monitor.registerResource.bind(monitor);
	monitor.registerResource = (request, callback) => {
		const own: Record<string, string[]> = {};
		request.getPropertydependenciesMap().forEach((dependencies, key) => {
			const urns = dependencies.getUrnsList();
			own[key] = urns.map((urn) => urn.split("::").at(-1) ?? "").sort();
		});
		seen.set(`${request.getType()} ${request.getName()}`, own);
		return register(request, callback);
	};
	return seen;
}

/** A URN of the mock also contains the type of the parent: `<parent>$<type>::<name>`. */
function typeAndName(urn: string): string {
	const [, , types = "", name] = urn.split("::");
	return `${types.split("$").at(-1)} ${name}`;
}

/** Records what is registered. A resource or function that this package does not use fails the run. */
class Recorder implements pulumi.runtime.Mocks {
	readonly strangers: string[] = [];
	readonly #world: World;
	readonly #inputs = new Map<string, Record<string, unknown>>();

	constructor(world: World) {
		this.#world = world;
	}

	call({ token }: pulumi.runtime.MockCallArgs): never {
		this.strangers.push(token);
		throw new Error(`no function of a provider is to be called, got ${token}`);
	}

	async newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
		if (type === STACK_TYPE) return { id: undefined, state: {} };
		this.#inputs.set(`${type} ${name}`, inputs);
		if (type === COMPONENT_TYPE || type === CUTOVER_TYPE)
			return { id: undefined, state: {} };
		if (type !== COMMAND_TYPE && type !== LOCAL_TYPE) this.strangers.push(type);
		const { preview, stdout = preview ? undefined : goodHost } = this.#world;
		if (!stdout) return { id: `${name}-id`, state: inputs };
		const printed = await stdout(name);
		if (printed === undefined) return { id: undefined, state: {} };
		return { id: `${name}-id`, state: { ...inputs, stdout: printed } };
	}

	inputsOf({ type, name }: { type: string; name: string }) {
		const inputs = this.#inputs.get(`${type} ${name}`);
		if (!inputs) throw new Error(`${type} ${name} was declared only`);
		return inputs;
	}
}

/** Returns the only resource of that name and type. */
export function find(
	{ resources }: Run,
	name: string,
	type = COMMAND_TYPE,
): Registered {
	const found = resources.filter((r) => r.name === name && r.type === type);
	if (found.length !== 1)
		throw new Error(`one ${type} ${name} was expected, got ${found.length}`);
	return found[0] as Registered;
}
