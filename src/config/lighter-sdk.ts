import Module from "node:module";

// Pulumi's SDK loads a compiler and npm's dependency tree for inline functions, which neither the plugin nor the commands
// have. They take more than half of the start.
const UNUSED = /^(typescript|@npmcli\/arborist)$/;

const loader = Module as unknown as {
	_load(request: string, ...rest: unknown[]): unknown;
};
const load = loader._load;
loader._load = (request, ...rest) =>
	UNUSED.test(request) ? {} : load(request, ...rest);
