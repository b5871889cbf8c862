// @ts-check
/** The secrets of a deployment: made by the same Rust code that reads them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem, run } from "./command.mjs";
import { variable } from "./configuration.mjs";
import { environment, root } from "./toolchain.mjs";

/**
 * @typedef {object} Secrets
 * @property {string} signing_key signs workspace tokens
 * @property {string} refresh_key protects the refresh tokens of anonymous visitors
 * @property {string} api_key for a backend; the Worker never sees it, only its hash
 * @property {{ name: string, sha256: string }} api_key_entry
 */

/** Where the development secrets lie; git ignores both. */
export const devVars = join(root, ".dev.vars");
export const devApiKey = join(root, ".dev", "api-key");

/**
 * New secrets, printed nowhere.
 *
 * @param {string[]} options for the `keys` program
 * @returns {Promise<Secrets>}
 */
export const newSecrets = (...options) => askKeys("new", ...options);

/**
 * A new signing key, and its name in the published key set. Printed nowhere.
 *
 * @returns {Promise<{ signing_key: string, key_id: string }>}
 */
export const newSigningKey = () => askKeys("rotate");

/** What the `keys` program answers. @param {string[]} words @returns {Promise<any>} */
async function askKeys(...words) {
  const args = ["run", "--quiet", "--bin", "keys", "--features", "keys", "--", ...words];
  const answer = await run("cargo", args, { cwd: root, env: environment(), output: "hide" });
  try {
    return JSON.parse(answer);
  } catch {
    // The parser's own message quotes the text, and the text is secret.
    throw new Problem("The keys program answered something that is not JSON");
  }
}

/** Makes the development secrets on the first run. What is there is never replaced. */
export async function developmentSecrets() {
  if (existsSync(devVars)) {
    if (existsSync(devApiKey)) return console.log("Secrets: as before, in .dev.vars");
    throw new Problem(
      ".dev.vars is there and .dev/api-key is not: put the API key there, or remove .dev.vars to get new secrets " +
        "(the anonymous visitors of the old ones will be new visitors then)",
    );
  }
  const secrets = await newSecrets("--project", variable("PROJECT_ID"), "--name", "development");
  const lines = [
    `SIGNING_KEY=${secrets.signing_key}`,
    `REFRESH_KEY=${secrets.refresh_key}`,
    `API_KEYS='${JSON.stringify([secrets.api_key_entry])}'`,
  ];
  mkdirSync(join(root, ".dev"), { recursive: true });
  // A key without .dev.vars is of no use to anybody: its hash is gone.
  writeFileSync(devApiKey, `${secrets.api_key}\n`, { mode: 0o600 });
  writeFileSync(devVars, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
  console.log("Secrets: made for development, in .dev.vars and .dev/api-key");
}
