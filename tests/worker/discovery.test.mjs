// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";

import { ask, mint } from "./exchange.mjs";
import { Signer, newKey } from "./keys.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const JWKS = "/.well-known/jwks.json";
const CONFIGURATION = "/.well-known/openid-configuration";
const previousSeed = newKey();
const seed = newKey();
const current = new Signer(seed);

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({ SIGNING_KEY: seed });
});
after(() => worker?.close());

describe("health", () => {
  it("is ok, says which credentials count, and may not be kept", async () => {
    const answer = await ask(worker, "GET /healthz");
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, { ok: true, credentials: ["workspace_token", "api_key", "anonymous"] });
    assert.equal(answer.headers.get("Cache-Control"), "no-store");
  });

  it("needs no credential and ignores a bad one", async () => {
    const answer = await ask(worker, "GET /healthz", { headers: { Authorization: "Bearer junk" } });
    assert.equal(answer.status, 200);
  });
});

describe("the key set", () => {
  it("has exactly the public members of the current key", async () => {
    const answer = await ask(worker, `GET ${JWKS}`);
    assert.equal(answer.status, 200);
    const key = { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", kid: current.kid, x: current.x };
    assert.deepEqual(answer.body, { keys: [key] });
    assert.equal(answer.headers.get("Cache-Control"), "public, max-age=600");
  });

  it("tags its content with the content's hash", async () => {
    const answer = await ask(worker, `GET ${JWKS}`);
    const hash = createHash("sha256").update(answer.text).digest("hex");
    assert.equal(answer.headers.get("ETag"), `"${hash}"`);
  });
});

for (const path of [JWKS, CONFIGURATION]) {
  describe(`conditional requests for ${path}`, () => {
    /** @param {string} tags */
    const conditional = (tags) => ask(worker, `GET ${path}`, { headers: { "If-None-Match": tags } });

    it("are answered with 304 and no body when the caller has the document", async () => {
      const { headers } = await ask(worker, `GET ${path}`);
      const tag = String(headers.get("ETag"));
      assert.match(tag, /^"[0-9a-f]{64}"$/);
      for (const tags of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
        const answer = await conditional(tags);
        assert.equal(answer.status, 304, tags);
        assert.equal(answer.text, "");
        assert.equal(answer.headers.get("ETag"), tag);
        assert.equal(answer.headers.get("Cache-Control"), "public, max-age=600");
      }
    });

    it("are answered in full when the caller has another one", async () => {
      const { text, headers } = await ask(worker, `GET ${path}`);
      const bare = String(headers.get("ETag")).slice(1, -1);
      for (const tags of [`"other"`, bare, `"${bare.slice(0, -1)}"`, "", ","]) {
        const answer = await conditional(tags);
        assert.equal(answer.status, 200, tags);
        assert.equal(answer.text, text);
      }
    });

    it("know HEAD", async () => {
      const full = await ask(worker, `GET ${path}`);
      const answer = await ask(worker, `HEAD ${path}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.text, "");
      for (const name of ["ETag", "Cache-Control", "Content-Type"]) {
        assert.equal(answer.headers.get(name), full.headers.get(name), name);
      }
    });
  });
}

describe("the discovery document", () => {
  it("names the issuer and where its keys are", async () => {
    const answer = await ask(worker, `GET ${CONFIGURATION}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.issuer, worker.url);
    assert.equal(answer.body.jwks_uri, worker.url + JWKS);
    assert.deepEqual(answer.body.id_token_signing_alg_values_supported, ["EdDSA"]);
    assert.equal(answer.headers.get("Cache-Control"), "public, max-age=600");
  });

  it("leads a token library to the keys of a token", async () => {
    const { body } = await ask(worker, `GET ${CONFIGURATION}`);
    const keys = createRemoteJWKSet(new URL(body.jwks_uri));
    const { payload } = await jwtVerify(await mint(worker), keys, { issuer: body.issuer });
    assert.equal(payload.iss, worker.url);
  });
});

it("while keys rotate the key set has both, the one that signs first", async () => {
  await worker.restart({ SIGNING_KEY_PREVIOUS: previousSeed });
  const { body } = await ask(worker, `GET ${JWKS}`);
  assert.equal(body.keys.length, 2);
  assert.deepEqual(
    body.keys.map((/** @type {any} */ key) => key.kid),
    [current.kid, new Signer(previousSeed).kid],
  );
  for (const key of body.keys) {
    assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
  }
});

it("a previous key that is the current one is published once, or libraries refuse the set", async () => {
  await worker.restart({ SIGNING_KEY_PREVIOUS: seed });
  const { body } = await ask(worker, `GET ${JWKS}`);
  assert.deepEqual(
    body.keys.map((/** @type {any} */ key) => key.kid),
    [current.kid],
  );
  await jwtVerify(await mint(worker), createRemoteJWKSet(new URL(worker.url + JWKS)));
});
