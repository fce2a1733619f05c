import { join } from "node:path";
import { execa } from "execa";

/** Compiles src into dist before tests of complete stacks. It takes a few seconds. */
export default async function build(): Promise<void> {
	await execa("npm", ["run", "-s", "build"], {
		cwd: join(import.meta.dirname, ".."),
		all: true,
	});
}
