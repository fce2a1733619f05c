import { join } from "node:path";
import { execa } from "execa";

/** Before tests of whole stacks: compiles src into dist, four seconds. */
export default async function build(): Promise<void> {
	await execa("npm", ["run", "-s", "build"], {
		cwd: join(import.meta.dirname, ".."),
		all: true,
	});
}
