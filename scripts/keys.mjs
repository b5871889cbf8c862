// @ts-check
/** Makes the secrets of a deployment and says how to store each. The only script that prints a secret. */
import { parseArgs } from "node:util";
import { Problem, entry } from "./command.mjs";
import { variable } from "./configuration.mjs";
import { newSecrets } from "./secrets.mjs";

/** @param {string[]} args */
function parse(args) {
  try {
    const option = /** @type {const} */ ({ type: "string" });
    return parseArgs({ args, options: { project: option, name: option, expires: option } }).values;
  } catch (error) {
    const usage = "npm run keys -- [--project <id>] [--name <of the API key>] [--expires <as 2027-01-01T00:00:00Z>]";
    throw new Problem(`${/** @type {Error} */ (error).message}\nUsage: ${usage}`);
  }
}

await entry(import.meta, async (args) => {
  const given = { project: variable("PROJECT_ID"), ...parse(args) };
  const secrets = await newSecrets(...Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]));
  console.log(`
New secrets for ${given.project}. They are shown this once and stored nowhere: store them before you close this window.

The signing key. Store it with \`npx wrangler secret put SIGNING_KEY\`, which asks for:

${secrets.signing_key}

The refresh key. Store it with \`npx wrangler secret put REFRESH_KEY\`, which asks for:

${secrets.refresh_key}

The API key, for your backend. It goes into the backend's own secrets, never into a page:

${secrets.api_key}

The Worker knows an API key by its hash. Store it with \`npx wrangler secret put API_KEYS\`, which asks for:

${JSON.stringify([secrets.api_key_entry])}

API_KEYS is the list of all keys that are valid: to add one, put its entry next to the others. A new signing key or
refresh key is only needed for a new deployment, or to replace one that has become known.
`);
});
