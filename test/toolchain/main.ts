/** The first step of `npm test`. */
import { prepareMachine } from "../prepare.ts";
import { prepareYaml } from "./languages.ts";

prepareMachine()
	.then(prepareYaml)
	.catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	});
