import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { prepareChromium } from "../toolchain/chromium.ts";

/** A message of the DevTools protocol, in either direction. */
interface Message {
	id?: number;
	sessionId?: string;
	method?: string;
	// biome-ignore lint/suspicious/noExplicitAny: the protocol has a type for each method; a test reads few fields.
	params?: any;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	result?: any;
	error?: { message: string };
}

/**
 * A headless chromium, driven by the DevTools protocol over two pipes (`--remote-debugging-pipe`): messages are JSON, each
 * with a NUL after it.
 */
export class Browser {
	readonly #process: ChildProcess;
	readonly #profile: string;
	readonly #waiting = new Map<number, (answer: Message) => void>();
	readonly #onEvent = new Map<string, (event: Message) => void>();
	#last = 0;

	private constructor(process: ChildProcess, profile: string) {
		this.#process = process;
		this.#profile = profile;
		let rest = "";
		(process.stdio[4] as Readable).setEncoding("utf8").on("data", (text) => {
			const messages = (rest + text).split("\0");
			rest = messages.pop() ?? "";
			for (const one of messages) this.#receive(JSON.parse(one));
		});
	}

	static async start(): Promise<Browser> {
		const chromium = await prepareChromium();
		const profile = await mkdtemp(join(tmpdir(), "dirsync-browser-"));
		const process = spawn(
			chromium,
			[
				...["--headless=new", "--no-sandbox", "--disable-gpu"],
				...["--no-first-run", "--disable-background-networking"],
				...[`--user-data-dir=${profile}`, "--remote-debugging-pipe"],
				"about:blank",
			],
			{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
		);
		await once(process, "spawn");
		return new Browser(process, profile);
	}

	/** Ends the browser and removes its profile. */
	async stop(): Promise<void> {
		const ended = once(this.#process, "exit");
		await Promise.race([this.send("Browser.close"), ended]);
		await ended;
		await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
	}

	async open(url: string): Promise<Page> {
		const { targetId } = await this.send("Target.createTarget", {
			url: "about:blank",
		});
		const { sessionId } = await this.send("Target.attachToTarget", {
			...{ targetId, flatten: true },
		});
		const page = new Page((method, params) =>
			this.send(method, params, sessionId),
		);
		this.#onEvent.set(sessionId, (event) => page.receive(event));
		for (const domain of ["Page", "Runtime", "Log", "Network"])
			await page.send(`${domain}.enable`);
		await page.send("Page.navigate", { url });
		await page.waitFor("document.readyState === 'complete'");
		return page;
	}

	async send(method: string, params: object = {}, sessionId?: string) {
		const id = ++this.#last;
		const answer = new Promise<Message>((resolve) =>
			this.#waiting.set(id, resolve),
		);
		(this.#process.stdio[3] as Writable).write(
			`${JSON.stringify({ id, method, params, sessionId })}\0`,
		);
		const { result, error } = await answer;
		if (error) throw new Error(`${method}: ${error.message}`);
		return result;
	}

	#receive(message: Message): void {
		if (message.id !== undefined) {
			this.#waiting.get(message.id)?.(message);
			this.#waiting.delete(message.id);
		} else this.#onEvent.get(message.sessionId ?? "")?.(message);
	}
}

/** A page in the browser. */
export class Page {
	readonly send: (
		method: string,
		params?: object,
	) => Promise<Message["result"]>;
	/** What the page printed to the console, its errors, and the requests that failed. */
	readonly problems: string[] = [];
	/** The addresses that it requested. */
	readonly requests: string[] = [];

	constructor(send: Page["send"]) {
		this.send = send;
	}

	receive({ method, params }: Message): void {
		switch (method) {
			case "Runtime.consoleAPICalled":
			case "Runtime.exceptionThrown":
			case "Log.entryAdded":
			case "Network.loadingFailed":
				this.problems.push(`${method} ${JSON.stringify(params)}`);
				break;
			case "Network.requestWillBeSent":
				this.requests.push(params.request.url);
				break;
			case "Network.responseReceived":
				if (params.response.status !== 200)
					this.problems.push(
						`${params.response.status} ${params.response.url}`,
					);
		}
	}

	/** Evaluates an expression in the page. Its value must be JSON. */
	async evaluate<T>(expression: string): Promise<T> {
		const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
			...{ expression, returnByValue: true, awaitPromise: true },
		});
		if (exceptionDetails)
			throw new Error(
				`${expression}: ${exceptionDetails.exception?.description}`,
			);
		return result.value;
	}

	/** Waits until an expression is true, for a minute at most. */
	async waitFor(expression: string): Promise<void> {
		const end = Date.now() + 60_000;
		while (!(await this.evaluate<boolean>(expression))) {
			if (Date.now() > end)
				throw new Error(
					`not true within a minute: ${expression}. The page: ${await this.text()}`,
				);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	/** The visible text of the elements that a selector finds, on one line. */
	text(selector = "body"): Promise<string> {
		return this.evaluate(
			`[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.innerText).join(" ").replace(/\\s+/g, " ")`,
		);
	}

	async press(key: "Tab" | "Enter"): Promise<void> {
		const [code, text] = key === "Tab" ? [9, undefined] : [13, "\r"];
		const event = { key, code: key, windowsVirtualKeyCode: code, text };
		await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
		await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
	}

	/** Sets the width in CSS pixels, and light or dark mode. */
	async show(width: number, scheme: "light" | "dark"): Promise<void> {
		await this.send("Emulation.setDeviceMetricsOverride", {
			...{ width, height: 800, deviceScaleFactor: 1, mobile: false },
		});
		await this.send("Emulation.setEmulatedMedia", {
			features: [{ name: "prefers-color-scheme", value: scheme }],
		});
	}

	/** What a screen reader gets: role and name of each part, in order. */
	async accessible(): Promise<{ role: string; name: string }[]> {
		const { nodes } = await this.send("Accessibility.getFullAXTree");
		return nodes
			.filter(({ ignored }: { ignored: boolean }) => !ignored)
			.map((node: Record<"role" | "name", { value?: string } | undefined>) => ({
				role: node.role?.value ?? "",
				name: node.name?.value ?? "",
			}));
	}
}
