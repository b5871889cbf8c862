// @ts-check
/** Makes the secrets of a deployment and says how to store each. The only script that prints a secret. */
import { parseArgs } from "node:util";
import { Problem, entry } from "./command.mjs";
import { variable } from "./configuration.mjs";
import { newSecrets, newSigningKey } from "./secrets.mjs";

const usage = `Usage: npm run keys -- [--project <id>] [--name <of the API key>] [--expires <as 2027-01-01T00:00:00Z>]
       npm run keys rotate`;

/** @param {string[]} args */
function parse(args) {
  try {
    const option = /** @type {const} */ ({ type: "string" });
    return parseArgs({ args, options: { project: option, name: option, expires: option } }).values;
  } catch (error) {
    throw new Problem(`${/** @type {Error} */ (error).message}\n${usage}`);
  }
}

/** All secrets of a new deployment. @param {string[]} args */
async function showSecrets(args) {
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

API_KEYS is the list of all keys that are valid: to add one, put its entry next to the others. To replace the signing
key later, \`npm run keys rotate\`.
`);
}

/** A signing key to follow the present one, and the way there. */
async function showRotation() {
  const { signing_key, key_id } = await newSigningKey();
  const bulk = (/** @type {object} */ secrets) => `npx wrangler secret bulk\n\n   ${JSON.stringify(secrets)}`;
  const PRESENT = "<the key that signs now>";
  console.log(`
A new signing key. It is shown this once and stored nowhere: store it before you close this window.

${signing_key}

Where ${PRESENT} stands below, put the one that is SIGNING_KEY now: you stored it when
it was made, and it cannot be read back from Cloudflare. \`wrangler secret bulk\` reads the line below it: paste the
line, and end with Ctrl-D. It sets all that the line names at once, so that no request meets half of a change.

1. Publish the new key before it signs. Nothing is signed with it yet:

   ${bulk({ SIGNING_KEY_PREVIOUS: signing_key })}

   Your issuer's /.well-known/jwks.json then has a second key, by this name:
   ${key_id}

2. Wait 10 minutes, for so long others keep the key set. Then let the new key sign; the old one still verifies:

   ${bulk({ SIGNING_KEY: signing_key, SIGNING_KEY_PREVIOUS: PRESENT })}

3. Wait 5 minutes, or TOKEN_LIFETIME_SECONDS if you have set it, until the last token of the old key has expired. Then
   take it away:

   npx wrangler secret delete SIGNING_KEY_PREVIOUS

No request is refused on the way, and nobody has to sign in again: refresh tokens and API keys do not hang on this key.

If the key that signs now has become known to somebody, do not wait: whoever has it can make tokens for any workspace.
Also when you do not have it any more, this is the way. Every token that is out now is refused from then on (403), for
5 minutes at most, until its page asks for the next one:

   ${bulk({ SIGNING_KEY: signing_key })}
   npx wrangler secret delete SIGNING_KEY_PREVIOUS
`);
}

await entry(import.meta, async (args) => {
  const [command, ...rest] = args;
  if (command !== "rotate") return showSecrets(args);
  if (rest.length > 0) throw new Problem(usage);
  return showRotation();
});
