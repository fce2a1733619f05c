import * as log from "@pulumi/pulumi/log";
import { program } from "./program";

// Two things that Pulumi's runtime does with every resource take half of the program's time with 100 hosts. It takes a stack
// trace with every promise and looks up the sources of each of its lines, which a compiled program does not have: Node's own
// traces do. And it calls the engine for every line that only `--debug` shows, with the whole resource in it.
Reflect.deleteProperty(Error, "prepareStackTrace");
Object.assign(log, { debug: () => Promise.resolve() });

// In a CommonJS module the runtime takes no default export.
export = program;
