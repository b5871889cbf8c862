// @ts-check
/** The table of the security tests, `tests/SECURITY.md`, from what a run of them saw. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { groups } from "../tests/security/catalog.mjs";
import { Problem, run } from "./command.mjs";
import { environment, root } from "./toolchain.mjs";

/**
 * What a test of a case left: what it saw, or why it did not run. `todo` is for what is not there yet, `skipped` for
 * what this machine cannot do.
 *
 * @typedef {{ number: number, part?: string, got?: string, todo?: string, skipped?: string }} Line
 */

const path = join(root, "tests", "SECURITY.md");

const head = `# Attacks and faults

Every attack and every fault that the Worker is measured by, and what it did. This page is written by
\`npm test -- security\` from the run itself; \`npm run security-table\` renews it, and a run that comes to anything else
fails. Each line is a test of its number in \`tests/security/\`, against the Worker on workerd; where "native" says so,
the same is tested without a runtime as well (\`cargo test case_\`).

"403" in the second column is an answer with \`{ "error": string }\` that the asking page can read, that nobody may
store, and that has no \`Authorization\` header. "misconfigured" is a Worker that says so at \`/healthz\` and in its log.
In the third column stands each answer that was seen, and how often.
`;

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The numbers of the cases that are tested natively too. */
async function nativeCases() {
  const output = await run("cargo", ["test", "--tests", "case_"], { cwd: root, env: environment(), output: "hide" });
  return new Set([...output.matchAll(/^test (?:.*::)?case_(\d+)\w* \.\.\. ok$/gm)].map(([, number]) => Number(number)));
}

/** @param {string} record the file that the tests wrote @returns {Line[]} */
function read(record) {
  const lines = existsSync(record) ? readFileSync(record, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line));
}

/** @param {Line[]} lines */
async function table(lines) {
  const native = await nativeCases();
  const sections = Object.entries(groups).map(([title, group]) => {
    const rows = Object.entries(group).map(([key, { attack, expected }]) => {
      // Some of a case's parts run side by side.
      const parts = lines.filter((line) => line.number === Number(key));
      parts.sort((one, other) => ((one.part ?? "") < (other.part ?? "") ? -1 : 1));
      const got = parts.map(({ part, got, todo, skipped }) => (part ? `${part}: ` : "") + (got ?? `not run: ${todo ?? skipped}`));
      const cells = [key, attack, expected, got.join("; ") || "not run", native.has(Number(key)) ? "native" : ""];
      return `| ${cells.map(cell).join(" | ")} |`;
    });
    return [`## ${title}`, "", "| | Attack or fault | Must be | Was | |", "|---|---|---|---|---|", ...rows, ""].join("\n");
  });
  return `${head}\n${sections.join("\n")}`;
}

/** Writes the table of a run. @param {string} record */
export async function writeTable(record) {
  writeFileSync(path, await table(read(record)));
}

/**
 * Compares the table that is committed with a run. What this machine could not run another one did.
 *
 * @param {string} record
 */
export async function checkTable(record) {
  const lines = read(record);
  const skipped = new Set(lines.flatMap(({ number, skipped }) => (skipped ? [`| ${number} |`] : [])));
  const comparable = (/** @type {string} */ text) =>
    text.split("\n").filter((row) => !skipped.has(String(/^\| \d+ \|/.exec(row))));
  const committed = comparable(existsSync(path) ? readFileSync(path, "utf8") : "");
  const now = comparable(await table(lines));
  const changes = [
    ...committed.filter((row) => !now.includes(row)).map((row) => `- ${row}`),
    ...now.filter((row) => !committed.includes(row)).map((row) => `+ ${row}`),
  ];
  if (changes.length === 0) return;
  throw new Problem(`tests/SECURITY.md does not say what this run saw; npm run security-table renews it:\n${changes.join("\n")}`);
}
