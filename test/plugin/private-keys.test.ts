// @module-tag full
import { afterAll, beforeAll, expect, test } from "vitest";
import { normalizeKeyText } from "../../src/validation/private-keys.ts";
import { type KeyRow, privateKeys } from "../unit/validation/private-keys.ts";
import { useContract } from "./contract.ts";
import { type Sshd, startSshd } from "./sshd.ts";

/*
 * Checks the column `plugin` of the table in test/unit/validation/private-keys.ts with an update and the available
 * command plugin. The configuration accepts the keys that log in, and refuses the others. The plugin's messages for
 * those are in the table, and the main ones in docs/troubleshooting.md.
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

/** The output of a command after a login. It occurs in no error message. */
const IN = "let-in-by-key";

/** The input of the plugin: the text that the component makes of an accepted file, or the unchanged refused file. */
const given = ({ text, says }: KeyRow) =>
	says === undefined ? normalizeKeyText(text) : text;

/** Removes duplicates, because many accepted files have the same text for the plugin. */
function differing(all: KeyRow[]): KeyRow[] {
	const seen = all.map((row) => `${row.passPhrase} ${given(row)}`);
	return all.filter((_, index) => seen.indexOf(seen[index] ?? "") === index);
}

/** The twin cannot decrypt keys that current versions of OpenSSL do not support, so only the real plugin gets them. */
const isTried = ({ says, plugin }: KeyRow) =>
	contract.bench.toolchain.plugin.kind !== "twin" ||
	says === undefined ||
	plugin !== undefined;

test("keys that the configuration accepts log in, and the plugin refuses the others as in the table", async () => {
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
			// Otherwise the engine writes the state at every step.
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
