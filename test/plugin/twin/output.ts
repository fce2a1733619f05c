import { logged, type Report } from "./report.ts";
import type { Props } from "./secrets.ts";
import { CommandError, quote } from "./wording.ts";

// The real plugin reads a command's lines into a buffer of this size. A longer line stops its reader, the command's
// next output waits for ever, and so does the update. The twin fails instead.
const LONGEST_LINE = 64 * 1024;

/** What a finished command leaves: the outputs of the resource. */
export interface Outputs extends Props {
	stdout: string;
	stderr: string;
}

/** Gathers what a command prints, and passes it on line by line as it comes. */
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

	/** Takes a piece of one stream. */
	take(stream: "stdout" | "stderr", data: Buffer) {
		this.#streams[stream].push(data);
		this.#both.push(data);
		if (!logged(this.#inputs, stream)) return;
		// Both streams run into one, as in the real plugin: lines of the two may mix.
		this.#line = Buffer.concat([this.#line, data]);
		let end = this.#line.indexOf("\n");
		for (; end >= 0; end = this.#line.indexOf("\n")) {
			// The end of a line may come in one piece with its beginning, or later.
			this.#lineTooLong ||= end >= LONGEST_LINE;
			this.#status(this.#line.subarray(0, end));
			this.#line = this.#line.subarray(end + 1);
		}
		this.#lineTooLong ||= this.#line.length >= LONGEST_LINE;
	}

	#status(line: Buffer) {
		this.#report.status(line.toString().replace(/\r$/, ""));
	}

	/** Ends the last line and returns the outputs, or throws what went wrong with the command. */
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

/** A stream's text without its last newline; refused unless it is UTF-8, as gRPC carries no other. */
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
