import { logged, type Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { CommandError, quote } from "./wording.ts";

// The real plugin reads the lines of a command into a buffer of this size. A longer line stops its reader, so the next
// output of the command blocks for ever, and with it the update. The twin fails instead.
const LONGEST_LINE = 64 * 1024;

/** The outputs of a resource after a command. */
export interface Outputs extends Props {
	stdout: string;
	stderr: string;
}

/** Collects the output of a command, and reports each line as it arrives. */
export class Output {
	#streams: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
	#both: Buffer[] = [];
	#line = Buffer.alloc(0);
	#lineTooLong = false;
	readonly #inputs: Props;
	readonly #report: Report;

	constructor(inputs: Props, report: Report) {
		this.#inputs = inputs;
		this.#report = report;
	}

	/** Adds a piece of one stream. */
	take(stream: "stdout" | "stderr", data: Buffer) {
		this.#streams[stream].push(data);
		this.#both.push(data);
		if (!logged(this.#inputs, stream)) return;
		// As in the real plugin, both streams are joined, so their lines may mix.
		this.#line = Buffer.concat([this.#line, data]);
		let end = this.#line.indexOf("\n");
		for (; end >= 0; end = this.#line.indexOf("\n")) {
			// The end of a line may arrive in the same piece as its beginning, or in a later one.
			this.#lineTooLong ||= end >= LONGEST_LINE;
			this.#status(this.#line.subarray(0, end));
			this.#line = this.#line.subarray(end + 1);
		}
		this.#lineTooLong ||= this.#line.length >= LONGEST_LINE;
	}

	#status(line: Buffer) {
		this.#report.status(line.toString().replace(/\r$/, ""));
	}

	/** Reports the last line and returns the outputs, or throws the error of the command. */
	async finish(command: string, failure?: string): Promise<Outputs> {
		if (this.#line.length > 0) this.#status(this.#line);
		await this.#report.flush();
		if (this.#lineTooLong)
			throw new CommandError(
				`the twin's output: a line must be shorter than ${LONGEST_LINE} bytes, or the real plugin hangs on it; print shorter lines or set logging to "none"`,
			);
		if (failure !== undefined) {
			const printed = Buffer.concat(this.#both).toString();
			throw new CommandError(
				`${failure}: running ${quote(command)}:\n${printed}`,
			);
		}
		return {
			stdout: text(this.#streams.stdout),
			stderr: text(this.#streams.stderr),
		};
	}
}

/** Returns the text of a stream without its last newline. Throws unless it is UTF-8, as gRPC requires. */
function text(chunks: Buffer[]): string {
	try {
		const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
		return decoder.decode(Buffer.concat(chunks)).replace(/\n$/, "");
	} catch {
		throw new CommandError(
			"grpc: error while marshaling: string field contains invalid UTF-8",
		);
	}
}
