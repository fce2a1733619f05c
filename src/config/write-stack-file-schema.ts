import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFileSchema } from "./stack-file-schema";

/* The last step of `npm run build`: writes the schema that editors use for stack files. */

writeFileSync(
	join(__dirname, "../stack-file.schema.json"),
	`${JSON.stringify(stackFileSchema())}\n`,
);
