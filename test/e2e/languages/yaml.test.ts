import { prepareYaml } from "../../toolchain/languages.ts";
import { testPromises } from "./promises.ts";

testPromises({
	name: "yaml",
	prepare: prepareYaml,
	file: "Pulumi.yaml",
	afterwards: `  after:
    type: command:local:Command
    properties:
      create: date +%s%3N
    options:
      dependsOn:
        - \${EXCH01}
`,
});
