import Module from "node:module";

// Pulumi's SDK loads a compiler and npm's dependency tree for inline functions, which the program, the plugin and the
// commands do not have. They take more than half of the start of a command, and 0.2 s of each update.
const UNUSED = /^(typescript|@npmcli\/arborist)$/;

const loader = Module as unknown as {
	_load(request: string, ...rest: unknown[]): unknown;
};
const load = loader._load;
loader._load = (request, ...rest) =>
	UNUSED.test(request) ? {} : load(request, ...rest);
