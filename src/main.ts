import * as log from "@pulumi/pulumi/log";
import { program } from "./program";

// Two things that Pulumi's runtime does for every resource take half of the program's time with 100 hosts:
// 1. It takes a stack trace with every promise and resolves the source of each line. A compiled program has no such
//    sources, and Node's own traces are sufficient.
// 2. It calls the engine for every line that only `--debug` shows, with the whole resource in it.
Reflect.deleteProperty(Error, "prepareStackTrace");
Object.assign(log, { debug: () => Promise.resolve() });

// A CommonJS module: the runtime does not accept a default export.
export = program;
