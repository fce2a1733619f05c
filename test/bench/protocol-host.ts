import { setTimeout as pause } from "node:timers/promises";
import { leastScript } from "./least-script.ts";

/** The output of a session and its exit code. */
export interface Answer {
	stdout: string;
	exitCode: number;
}

/** The commands that a host received, and its cycles. */
export interface Work {
	/** The number of commands by kind: `registry create`, `kick create`, `set`, ... */
	commands: Record<string, number>;
	/** Cycles that were started. */
	kicks: number;
	/** Commands that it does not support. */
	unknown: string[];
}

/** The values of a script's own lines `set <name>=...`. */
type Settings = (key: string) => string;

/** The host record, which the scripts keep in the registry. */
interface HostRecord {
	stack: string;
	owner: string;
	/** The earlier value, as `for` prints it. */
	before: string;
	intent?: { cycle: string; token: string; at: string };
	began: number;
	/** By cycle: the token, the time, the evidence. */
	receipts: Map<string, { token: string; text: string }>;
}

/**
 * A host that only answers the protocol: it prints what this package's scripts print, without running them. It keeps
 * value, record and receipts as they do, runs one script at a time, and runs on when its session is cut. A failure
 * prints the script's own message.
 */
export class ProtocolHost {
	work: Work = { commands: {}, kicks: 0, unknown: [] };
	/** The duration of each command, in milliseconds. */
	slowMs = 0;
	#value: string | undefined;
	#record: HostRecord | undefined;
	#busy = false;

	/**
	 * Whether a script comes on the session's stdin. For other commands the host does not wait for the end of stdin,
	 * which Ansible never sends.
	 */
	static reads(command: string): boolean {
		return command.includes("call %d_%.cmd ");
	}

	async answer(command: string, stdin: string): Promise<Answer> {
		const [, name, args = ""] =
			/call %d_%\.cmd ([0-9a-f]{6}) (.+?)\^&/.exec(command) ?? [];
		if (!name) return this.#least(command);
		const script = stdin.split("\r\n");
		if (script.at(-2) !== `rem dx-end ${name}`)
			return this.#strange(`${command}, a script that did not arrive whole`);
		if (script.includes("echo dx-section end")) return this.#look();
		const call = args.split(" ");
		const told = new Map(
			script.flatMap((line) => {
				const [, key, data] = /^set (\w+)=(.*)$/.exec(line) ?? [];
				return key && data !== undefined ? [[key, data] as const] : [];
			}),
		);
		const settings = (key: string) => told.get(key) ?? "";
		const kind = script.some((line) => line.startsWith("%net% pause "))
			? "kick"
			: told.has("onDestroy") && "registry";
		if (!kind) return this.#strange(`${command}, a script that is neither`);
		this.#count(`${kind} ${/^\d/.test(args) ? "create" : call[0]}`);
		return this.#alone(script, () =>
			kind === "kick"
				? this.#kick(call, settings, script)
				: this.#enforce(call, settings, script),
		);
	}

	async #alone(script: string[], run: () => Promise<Answer>): Promise<Answer> {
		if (this.#busy) return no(script.find((line) => line.includes("[busy]")));
		this.#busy = true;
		try {
			return await run();
		} finally {
			this.#busy = false;
		}
	}

	/** An inspection takes no lock and does not wait. */
	async #look(): Promise<Answer> {
		this.#count("inspect");
		await pause(this.slowMs);
		return good(
			"dx-section service",
			"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX]",
			'"Start"=dword:00000002',
			'"ImagePath"=hex(2):43,00,00,00',
			...(this.#value ? [`"PauseKicksDX"=${this.#value}`] : []),
			"dx-section record",
			...(this.#record ? inRegistry(this.#record) : []),
			"dx-section state",
			"STATE : 4 RUNNING",
			"dx-section end",
		);
	}

	async #enforce(
		[verb]: string[],
		settings: Settings,
		script: string[],
	): Promise<Answer> {
		const stack = settings("stack");
		const owner = settings("owner");
		await pause(this.slowMs);
		const known = this.#record;
		const same = known?.owner === owner;
		const ours = known?.stack === stack || (verb === "update" && same);
		if (verb === "delete") {
			if (!known) return good("this host has no record");
			if (!ours || !same) return good("this host now has another owner");
			if (settings("onDestroy") === "restore")
				this.#value = known.before === "absent" ? undefined : known.before;
			this.#record = undefined;
			return good("");
		}
		if (known && !ours) return no(ending(script, "another-stack"));
		const restarted = this.#value !== "dword:00000001";
		this.#record = {
			before: this.#value ?? "absent",
			began: 0,
			receipts: new Map(),
			...known,
			stack,
			owner,
		};
		if (settings("hasCycle") === "") this.#record.receipts.delete("cycle");
		this.#value = "dword:00000001";
		return good(
			`before: ${this.#record.before}`,
			`PauseKicksDX is 1, service restarted: ${restarted ? "yes" : "no"}`,
		);
	}

	async #kick(
		[at = "", ordered = ""]: string[],
		settings: Settings,
		script: string[],
	): Promise<Answer> {
		const cycle = settings("cycle");
		const token = settings("token");
		const onUncertain = settings("onUncertain");
		const type = settings("cycleType");
		const record = this.#record;
		if (!record || this.#value !== "dword:00000001")
			return no(ending(script, "value-missing"));
		const receipt = record.receipts.get(cycle);
		if (at === "update") return good(receipt?.text ?? "");
		if (receipt?.token === token)
			return good(receipt.text, `${type} was already started`);
		const began = Number.parseInt(ordered, 16);
		if (began < record.began) return no(ending(script, "overtaken"));
		const own = record.intent?.token === token && record.intent.cycle === cycle;
		if (record.intent && onUncertain === "fail")
			return no(ending(script, "outcome-unknown"));
		record.began = began;
		const done = (evidence: string) => {
			const text = `"Receipt.${cycle}"="dx-done:${cycle} ${token} ${at} ${evidence};"`;
			record.receipts.set(cycle, { token, text });
			record.intent = undefined;
			return text;
		};
		if (own && onUncertain === "accept")
			return good(done("accepted as done"), `${type} accepted as done`);
		record.intent = { cycle, token, at };
		await pause(this.slowMs);
		this.work.kicks += 1;
		return good(
			done(
				"net pause answered NET HELPMSG 3539 and the service runs, as expected for a kick",
			),
			`${type} started: net pause answered 3539 as expected, the service runs`,
		);
	}

	async #least(command: string): Promise<Answer> {
		const step = Object.entries(leastScript).find(
			([, line]) => line === command,
		)?.[0] as keyof typeof leastScript | undefined;
		if (!step) return this.#strange(command);
		this.#count(step);
		await pause(this.slowMs);
		if (step === "set") this.#value = "dword:00000001";
		if (step === "unset") this.#value = undefined;
		if (step === "pause") this.work.kicks += 1;
		const said = step === "pause" ? "NET HELPMSG 3539" : "done";
		return { stdout: `${said}\r\n`, exitCode: 0 };
	}

	#count(what: string): void {
		this.work.commands[what] = (this.work.commands[what] ?? 0) + 1;
	}

	#strange(command: string): Answer {
		this.work.unknown.push(command);
		return no(`protocol host: does not know what to do, got ${command}`);
	}
}

function inRegistry({ owner, stack, intent, before, receipts }: HostRecord) {
	const open = intent
		? `open ${intent.cycle} ${intent.token} ${intent.at};`
		: "none";
	return [
		"[HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync]",
		`"Intent"="dx-intent:${open}"`,
		`"Owner"="dx-owner:${owner};"`,
		...(before === "absent" ? [] : [`"PauseKicksDX"=${before}`]),
		...[...receipts.values()].map(({ text }) => text),
		'"Restart"="dx-restart:none;"',
		`"Stack"="dx-stack:${stack};"`,
	];
}

const good = (...lines: string[]): Answer => ({
	stdout: ["took about 1 s", ...lines, ""].join("\r\n"),
	exitCode: 0,
});

const no = (line = "protocol host: the script has no such ending"): Answer => ({
	stdout: `${line}\r\n`,
	exitCode: 1,
});

/** The message that the script prints for that code: its parts are in one of the script's last lines. */
function ending(script: string[], code: string): string | undefined {
	const line = script.find((one) => one.startsWith(`${code}|`));
	const [, problem, remedy] = line?.split("|") ?? [];
	const setting = (name: string) =>
		script
			.find((one) => one.startsWith(`set ${name}=`))
			?.slice(`set ${name}=`.length);
	return (
		line &&
		`${setting("hostName")}, ${setting("step")}: ${problem} [${code}]. ${remedy}`
	);
}
