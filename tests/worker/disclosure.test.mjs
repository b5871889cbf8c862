// @ts-check
/** The look through all that a Worker says: it must find what it is for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Disclosure } from "./disclosure.mjs";
import { Signer, newApiKey, newKey, refreshToken } from "./keys.mjs";

describe("a part of a secret", () => {
  const [signing, refreshing] = [newKey(), newKey()];
  const { text: apiKey } = newApiKey("proj_0test");
  const entry = { name: "backend", sha256: "8f0ce4a1b92d75630c4be8f7a19d2536e07c58b4f21a9d63705ec8b41f92a6d3" };
  const token = new Signer(signing).token({ sub: "somebody", exp: 1 });
  const renewal = refreshToken(refreshing, "proj_0test");
  const cookie = "better-auth.session_token=Jjk92Ez9mZGS4R6RcO4iObMD2twEkhfb.PmuKmlko5%2BVuIAdZ";

  /** What was told in confidence, and how. @type {Record<string, [string, (disclosure: Disclosure) => void]>} */
  const secrets = {
    "a token's payload": [token.split(".")[1], (kept) => kept.keepCredentials(`Bearer ${token}`)],
    "a token's signature": [token.split(".")[2], (kept) => kept.keepCredentials(JSON.stringify({ token }))],
    "a refresh token": [renewal.slice("refresh_0".length), (kept) => kept.keepCredentials(JSON.stringify({ refresh_token: renewal }))],
    "an API key": [apiKey.slice("sk_aui_proj_0test_0".length), (kept) => kept.keepCredentials(`Bearer ${apiKey}`)],
    "a cookie": [cookie.split("=")[1], (kept) => kept.keepCredentials(cookie)],
    "a signing key": [signing, (kept) => kept.keepVariables({ SIGNING_KEY: signing })],
    "the previous refresh key": [refreshing, (kept) => kept.keepVariables({ REFRESH_KEY_PREVIOUS: refreshing })],
    "an API key's hash": [entry.sha256, (kept) => kept.keepVariables({ API_KEYS: JSON.stringify([entry]) })],
    "the key of the titles' model": [refreshing, (kept) => kept.keepVariables({ TITLE_MODEL_KEY: refreshing })],
    "a provider's secret": [refreshing, (kept) => kept.keepVariables({ SUPABASE_JWT_SECRET: refreshing })],
  };

  for (const [name, [secret, keep]] of Object.entries(secrets)) {
    it(`is found at 8 letters, and not at 7: ${name}`, () => {
      for (const start of [0, 5, secret.length - 8]) {
        for (const [length, isFound] of /** @type {const} */ ([[7, false], [8, true]])) {
          const disclosure = new Disclosure();
          keep(disclosure);
          disclosure.heard(`{"event":"remark","text":"${secret.slice(start, start + length)}"}`);
          if (isFound) assert.throws(() => disclosure.assertNone(), /is a part of a secret/);
          else disclosure.assertNone();
        }
      }
    });
  }

  it("is not what says only of what kind a secret is", () => {
    const disclosure = new Disclosure();
    for (const [, keep] of Object.values(secrets)) keep(disclosure);
    disclosure.heard(`{"error":"refresh_token: is required"} {"alg":"EdDSA"} sk_aui_proj_0test_0 eyJhbGciOiJFZERTQSI name sha256`);
    disclosure.assertNone();
  });
});
