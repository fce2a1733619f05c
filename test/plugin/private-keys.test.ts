// @module-tag full
import { afterAll, beforeAll, expect, test } from "vitest";
import { normalizeKeyText } from "../../src/validation/private-keys.ts";
import { type KeyRow, privateKeys } from "../unit/validation/private-keys.ts";
import { useContract } from "./contract.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/*
 * The third column of the table in test/unit/private-keys.ts: an update, by whichever command plugin is there. The
 * configuration accepts what gets in, and refuses what does not; the plugin's words for the latter are in the README.
 */

const contract = useContract();
const { rows, publicKeys } = privateKeys();
let sshd: Sshd;

beforeAll(async () => {
	const dsa = publicKeys.some((key) => key.startsWith("ssh-dss"));
	const settings = dsa ? ["PubkeyAcceptedAlgorithms +ssh-dss"] : [];
	sshd = await startSshd(contract.file("keys"), { publicKeys, settings });
});
afterAll(() => sshd.stop());

/** What a command prints that has been let in; no message holds it. */
const IN = "let-in-by-key";

/** What is given to the plugin: the text that the component makes of a good file, and a bad one as it is. */
const given = ({ text, says }: KeyRow) =>
	says === undefined ? normalizeKeyText(text) : text;

/** Many of the good files come to one text. */
function differing(all: KeyRow[]): KeyRow[] {
	const seen = all.map((row) => `${row.passPhrase} ${given(row)}`);
	return all.filter((_, index) => seen.indexOf(seen[index] ?? "") === index);
}

/** Only the real plugin decrypts what no OpenSSL of today does. */
const isTried = ({ says, plugin }: KeyRow) =>
	contract.bench.toolchain.plugin.kind !== "twin" ||
	says === undefined ||
	plugin !== undefined;

test("what the configuration accepts logs in, and what it refuses the plugin tells as the table has it", async () => {
	const tried = differing(rows).filter(isTried);
	const stack = await contract.bench.stack();
	const { port, user } = sshd;
	const run = await stack.up(
		tried.map((row, index) =>
			contract.remote(`key${index}`, {
				create: `echo ${IN}`,
				connection: {
					...{ port, user, hostKey: sshd.hostKey() },
					privateKey: given(row),
					privateKeyPassword: row.passPhrase,
				},
			}),
		),
		{
			fails: true,
			flags: ["--continue-on-error", "--parallel", "16"],
			// Else the state is written at every step.
			env: { PULUMI_SKIP_CHECKPOINTS: "true" },
		},
	);
	const stored = stack.state();
	const came = tried.map(({ what, plugin = IN }, index) => {
		const said = stored[`key${index}`]?.outputs.stdout as string | undefined;
		const told = said ?? run.error(`key${index}`);
		return [what, told.includes(plugin) ? plugin : told];
	});
	expect(Object.fromEntries(came)).toEqual(
		Object.fromEntries(tried.map(({ what, plugin = IN }) => [what, plugin])),
	);
	expect(tried.length).toBeGreaterThan(80);
});
