// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

import { ask, backend, bearer, mint, refused } from "./exchange.mjs";
import { Signer, decode, newKey } from "./keys.mjs";
import { request, send } from "./wire.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** The shortest lifetime that can be configured, in seconds. */
const LIFETIME = 10;

/** @type {Worker} */
let worker;
/** @type {Signer} */
let signer;
before(async () => {
  const seed = newKey();
  signer = new Signer(seed);
  worker = await startWorker({
    SIGNING_KEY: seed,
    TOKEN_LIFETIME_SECONDS: String(LIFETIME),
    AUDIENCE: "https://api.example.com",
  });
});
after(() => worker?.close());

const seconds = () => Math.floor(Date.now() / 1_000);

/** @param {string} token */
const use = (token) => ask(worker, "GET /v1/threads", { headers: bearer(token) });

/** The claims of a token that the Worker accepts. @param {object} [changes] */
const claims = (changes) => ({
  ...{
    iss: worker.url,
    aud: "https://api.example.com",
    sub: "user_1",
    project_id: PROJECT_ID,
    workspace_id: "workspace_1",
  },
  ...{ iat: seconds(), nbf: seconds() - 10, exp: seconds() + 60, jti: "jti" },
  ...changes,
});

describe("a workspace token", () => {
  it("says what the design says, and nothing else", async () => {
    const before = seconds();
    const { header, payload } = decode(await mint(worker, "workspace_1", "user_1"));
    assert.deepEqual(header, { alg: "EdDSA", kid: signer.kid, typ: "aui+jwt" });
    const { iat, nbf, exp, jti, ...rest } = payload;
    assert.deepEqual(rest, {
      iss: worker.url,
      aud: "https://api.example.com",
      project_id: PROJECT_ID,
      workspace_id: "workspace_1",
      sub: "user_1",
    });
    assert.ok(iat >= before && iat <= seconds(), `iat ${iat}`);
    assert.equal(nbf, iat - 10);
    assert.equal(exp, iat + LIFETIME);
    assert.match(jti, /^[0-9A-Za-z]{22}$/);
  });

  it("has an id of its own", async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => mint(worker)));
    assert.equal(new Set(tokens.map((token) => decode(token).payload.jti)).size, 50);
  });

  it("is verified by a library of somebody else from the published keys", async () => {
    const keys = createRemoteJWKSet(new URL(`${worker.url}/.well-known/jwks.json`));
    const token = await mint(worker);
    const wanted = { issuer: worker.url, audience: "https://api.example.com", algorithms: ["EdDSA"], typ: "aui+jwt" };
    const { payload } = await jwtVerify(token, keys, wanted);
    assert.equal(payload.workspace_id, "workspace_1");
    await assert.rejects(jwtVerify(token, keys, { ...wanted, audience: "other" }), errors.JWTClaimValidationFailed);
    await assert.rejects(jwtVerify(token, keys, { ...wanted, issuer: "other" }), errors.JWTClaimValidationFailed);
    await assert.rejects(
      jwtVerify(new Signer(newKey()).token(claims(), signer.header), keys),
      errors.JWSSignatureVerificationFailed,
    );
  });

  it("opens its workspace, again and again, and is never answered with another token", async () => {
    const token = await mint(worker);
    // `ask` looks for an Authorization header in every answer.
    for (let round = 0; round < 3; round++) assert.equal((await use(token)).status, 200);
  });

  it("names the configured issuer, whatever the request says of the host", async () => {
    for (const host of [
      "evil.test",
      "localhost:1",
      "evil.test\r\nX-Forwarded-Host: evil.test\r\nForwarded: host=evil.test",
    ]) {
      const text = request("POST /v1/auth/tokens", { ...backend(worker), Host: host, "Content-Length": "0" });
      const { payload } = decode(JSON.parse((await send(worker, text)).text).token);
      assert.equal(payload.iss, worker.url);
      const discovery = await send(worker, request("GET /.well-known/openid-configuration", { Host: host }));
      assert.equal(JSON.parse(discovery.text).issuer, worker.url);
    }
  });

  it("lives 300 seconds and is for the issuer itself unless configured", async () => {
    const plain = await startWorker();
    const { payload } = decode(await mint(plain));
    assert.equal(payload.exp - payload.iat, 300);
    assert.equal(payload.aud, plain.url);
    await plain.close();
  });
});

describe("the times of a token", () => {
  it("end it: after its last second it has expired, remembered or not", async () => {
    const token = await mint(worker);
    const never = await mint(worker);
    assert.equal((await use(token)).status, 200);
    const { exp } = decode(token).payload;
    await new Promise((resolve) => setTimeout(resolve, exp * 1_000 - Date.now() + 20));
    refused(await use(token), 401, "JWT token has expired");
    refused(await use(never), 401, "JWT token has expired");
  });

  it("count to the second", async () => {
    assert.equal((await use(signer.token(claims({ exp: seconds() + 5 })))).status, 200);
    refused(await use(signer.token(claims({ exp: seconds() }))), 401, "JWT token has expired");
    refused(await use(signer.token(claims({ exp: 0 }))), 401, "JWT token has expired");
    refused(await use(signer.token(claims({ exp: -1e15 }))), 401, "JWT token has expired");
    assert.equal((await use(signer.token(claims({ nbf: seconds() })))).status, 200);
    refused(await use(signer.token(claims({ nbf: seconds() + 5 }))), 401, "JWT token is not yet valid");
    refused(await use(signer.token(claims({ nbf: 1e15, exp: 1e15 }))), 401, "JWT token is not yet valid");
  });

  it("are looked at last, so that a forgery does not learn its age", async () => {
    const forger = new Signer(newKey());
    for (const times of [{ exp: 1 }, { nbf: seconds() + 60 }, {}]) {
      refused(await use(forger.token(claims(times), signer.header)), 403, "Invalid JWT token");
    }
  });

  it("must be whole seconds", async () => {
    for (const exp of [undefined, null, String(seconds() + 60), seconds() + 60.5, true, [], {}]) {
      refused(await use(signer.token(claims({ exp }))), 403, "Invalid JWT token", JSON.stringify(exp));
      refused(await use(signer.token(claims({ nbf: exp }))), 403, "Invalid JWT token", JSON.stringify(exp));
    }
    refused(
      await use(signer.token(JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e400'))),
      403,
      "Invalid JWT token",
    );
  });
});

describe("a token that our key signed, but", () => {
  it("for another project, audience or nobody is refused", async () => {
    assert.equal((await use(signer.token(claims()))).status, 200, "the model itself is accepted");
    for (const name of ["aud", "project_id", "workspace_id", "sub", "jti"]) {
      const values = name === "aud" || name === "project_id" ? ["other", [claims().aud], ""] : ["", "x".repeat(256)];
      for (const value of [undefined, null, 1, {}, ...(name === "jti" ? [] : values)]) {
        refused(await use(signer.token(claims({ [name]: value }))), 403, "Invalid JWT token", `${name}: ${value}`);
      }
    }
  });

  it("for ids that are none is refused", async () => {
    for (const id of ["a b", "a\u0000b", "a\u00a0b", "\u2028", "x".repeat(256)]) {
      refused(await use(signer.token(claims({ sub: id }))), 403, "Invalid JWT token");
      refused(await use(signer.token(claims({ workspace_id: id }))), 403, "Invalid JWT token");
    }
  });

  it("of another issuer is nobody's", async () => {
    for (const iss of ["https://evil.test", "", `${worker.url}/`, worker.url.toUpperCase()]) {
      refused(await use(signer.token(claims({ iss }))), 403, "No auth rule matches the JWT iss and aud claims", iss);
    }
    for (const iss of [undefined, null, 1, [worker.url]]) {
      assert.equal((await use(signer.token(claims({ iss })))).status, 403);
    }
  });
});
