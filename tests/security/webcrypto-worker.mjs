// @ts-check
/** Asks the Worker's own way to WebCrypto, `src/edge/webcrypto.js`, in the runtime. Runs in workerd, not in Node. */
// @ts-ignore: a module of this Worker
import { importVerifier, verify } from "./webcrypto.js";

/** @param {string} text */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** How long a signature of a key is; the Worker does not ask about others. @param {any} key */
const signatureLength = (key) => (key.n ? bytes(key.n).length : key.y ? bytes(key.x).length * 2 : 64);

/** @param {any} question */
async function answer({ algorithm, key, message, signature }) {
  if (bytes(signature).length !== signatureLength(key)) return false;
  const name = algorithm === "EdDsa" ? "EdDSA" : algorithm.toUpperCase();
  try {
    const verifier = await importVerifier(name, JSON.stringify(key));
    return await verify(verifier, bytes(signature), new TextEncoder().encode(message));
  } catch (error) {
    return String(error);
  }
}

export default {
  /** @param {Request} request */
  async fetch(request) {
    const questions = /** @type {any[]} */ (await request.json());
    return Response.json(await Promise.all(questions.map(answer)));
  },
};

/** The harness asks for one. */
export class Workspace {}
