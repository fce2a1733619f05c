// Single modules are imported, because the complete package includes a TypeScript compiler and starts three times
// slower.
import * as log from "@pulumi/pulumi/log/index.js";
import { DependencyResource } from "@pulumi/pulumi/resource.js";
import { resetOptions } from "@pulumi/pulumi/runtime/settings.js";
import type { Props } from "./secrets.ts";

/** Sends messages about one resource to the engine. */
export interface Report {
	/** Sends a line that is shown only while the operation on the resource runs. */
	status(line: string): void;
	warn(text: string): void;
	error(text: string): void;
	/** Waits until all messages have arrived. */
	flush(): Promise<void>;
}

/** Connects {@link reportFor} to the engine at the address that the plugin gets as its argument. */
export function connectEngine(address: string) {
	resetOptions("", "", 0, address, "", false, "");
}

/** Creates a report for the resource with the URN. */
export function reportFor(urn: string): Report {
	const resource = new DependencyResource(urn);
	let last: Promise<void> = Promise.resolve();
	return {
		status: (line) => {
			last = log.info(line, resource, undefined, true);
		},
		warn: (text) => {
			last = log.warn(text, resource);
		},
		error: (text) => {
			last = log.error(text, resource);
		},
		// The log keeps the order of messages, so the last one arrives after all others.
		flush: () => last,
	};
}

/** Whether the input `logging` selects a stream. An unknown value selects none. */
export function logged({ logging }: Props, stream: "stdout" | "stderr") {
	return [undefined, stream, "stdoutAndStderr"].includes(logging as string);
}
