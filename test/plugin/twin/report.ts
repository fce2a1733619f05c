// Module by module: the package as a whole brings a TypeScript compiler along, and three times the start-up.
import * as log from "@pulumi/pulumi/log/index.js";
import { DependencyResource } from "@pulumi/pulumi/resource.js";
import { resetOptions } from "@pulumi/pulumi/runtime/settings.js";
import type { Props } from "./secrets.ts";

/** Speaks to the engine about one resource. */
export interface Report {
	/** A line that is shown only while the resource is worked on. */
	status(line: string): void;
	warn(text: string): void;
	error(text: string): void;
	/** Waits until all of it has arrived. */
	flush(): Promise<void>;
}

/** Connects {@link reportFor} with the engine at that address, the plugin's own argument. */
export function connectEngine(address: string) {
	resetOptions("", "", 0, address, "", false, "");
}

/** A report about the resource with that URN. */
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
		// The log keeps its order, so that the last one done means all done.
		flush: () => last,
	};
}

/** Which of a command's two streams the `logging` input lets through; a word it does not know lets none. */
export function logged({ logging }: Props, stream: "stdout" | "stderr") {
	return [undefined, stream, "stdoutAndStderr"].includes(logging as string);
}
