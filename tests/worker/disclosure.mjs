// @ts-check
/** Whether a Worker told anybody a secret: all that it was given in confidence against all that it said. */
import assert from "node:assert/strict";

/** So many letters in a row are a part of a secret. */
const WINDOW = 8;

/** The variables that are secret, whatever their values. */
const secretVariables = /^(SIGNING|REFRESH|TITLE_MODEL)_KEY|^API_KEYS$|SECRET/;

/** What of a text is a credential: all but the heads, which say only of what kind it is. */
const credentials = [
  // A token's payload and its signature, and whatever else an attacker hangs on.
  /\bey[\w-]*\.([\w=+/-]+)(?:\.([\w=+/-]+))?(?:\.([\w=+/-]+))?/g,
  /\brefresh_0([\w-]+)/g,
  /\bsk_aui_[\w-]*_0([0-9A-Za-z]{20,})/g,
  /\bsession[\w.-]*=([^;"\s]+)/g,
];

/** What one Worker was told and what it said. */
export class Disclosure {
  /** @type {Set<string>} */
  #secrets = new Set();
  /** @type {Set<string>} */
  #said = new Set();

  /** Keeps a text that is secret as a whole. @param {string | undefined} secret */
  keep(secret) {
    if (secret) this.#secrets.add(secret);
  }

  /** Keeps the credentials in a text. @param {string} text */
  keepCredentials(text) {
    for (const pattern of credentials) {
      for (const [, ...parts] of text.matchAll(pattern)) parts.forEach((part) => this.keep(part));
    }
  }

  /** @param {Record<string, string | undefined>} variables */
  keepVariables(variables) {
    for (const [name, value] of Object.entries(variables)) {
      if (!value || !secretVariables.test(name)) continue;
      // What the members of an entry are called is no secret.
      const entries = /"sha256":"([^"]+)"/g;
      if (name === "API_KEYS") for (const [, hash] of value.matchAll(entries)) this.keep(hash);
      else this.keep(value);
    }
  }

  /** Something that the Worker said where others may read it. @param {string} text */
  heard(text) {
    this.#said.add(text);
  }

  /** Asserts that nothing of what it said has a part of a secret. */
  assertNone() {
    /** @type {Set<string>} */
    const said = new Set();
    for (const text of this.#said) for (const part of windows(text)) said.add(part);
    for (const secret of this.#secrets) {
      for (const part of windows(secret)) {
        // Few different letters are padding that a test made up.
        if (!said.has(part) || new Set(part).size < 4) continue;
        const [text] = [...this.#said].filter((text) => text.includes(part));
        assert.fail(`${JSON.stringify(part)} is a part of a secret and was said in ${text.slice(0, 2_000)}`);
      }
    }
  }
}

/** @param {string} text */
function* windows(text) {
  for (let start = 0; start + WINDOW <= text.length; start++) yield text.slice(start, start + WINDOW);
}
