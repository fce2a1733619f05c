// First: what follows loads the SDK.
import "./config/lighter-sdk";
import * as log from "@pulumi/pulumi/log";
import { program } from "./program";

// Two things that Pulumi's runtime does for every resource take half of the program's time with 100 hosts:
// 1. It formats a stack trace with every promise, in debuggablePromise, and resolves the source of each line. Only
//    PULUMI_DEBUG_PROMISE_LEAKS would show it. A compiled program has no such sources, and other errors have Node's own
//    format.
// 2. It calls the engine for every line that only `--debug` shows, with the whole resource in it.
Error.prepareStackTrace = (error, sites) =>
	sites[0]?.getFunctionName() === "debuggablePromise"
		? ""
		: [Error.prototype.toString.call(error), ...sites].join("\n    at ");
Object.assign(log, { debug: () => Promise.resolve() });

// A CommonJS module: the runtime does not accept a default export.
export = program;
