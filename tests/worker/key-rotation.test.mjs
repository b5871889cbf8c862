// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";

import { ask, bearer, createThread, getThread, mint, refresh, refused, visit } from "./exchange.mjs";
import { Signer, decode, newKey } from "./keys.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const [oldest, older, newest] = [newKey(), newKey(), newKey()];

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({ SIGNING_KEY: oldest });
});
after(() => worker?.close());

/** @param {string} token */
const use = (token) => ask(worker, "GET /v1/threads", { headers: bearer(token) });

describe("a signing key", () => {
  it("rotates without a request refused: the previous one verifies, the current one signs", async () => {
    const before = await mint(worker);
    const { access_token } = await visit(worker);
    await worker.restart({ SIGNING_KEY: older, SIGNING_KEY_PREVIOUS: oldest });
    const after = await mint(worker);
    assert.equal(decode(after).header.kid, new Signer(older).kid);
    for (const token of [before, access_token, after]) {
      assert.equal((await use(token)).status, 200);
      await jwtVerify(token, createRemoteJWKSet(new URL(`${worker.url}/.well-known/jwks.json`)));
    }
  });

  it("that was rotated twice is unknown", async () => {
    const { iat, nbf, exp, ...claims } = decode(await mint(worker)).payload;
    const payload = { ...claims, iat, nbf, exp };
    await worker.restart({ SIGNING_KEY: newest, SIGNING_KEY_PREVIOUS: older });
    refused(await use(new Signer(oldest).token(payload)), 403, "Invalid JWT token");
    assert.equal((await use(new Signer(older).token(payload))).status, 200);
    assert.equal((await use(new Signer(newest).token(payload))).status, 200);
  });

  it("signs in its own name only", async () => {
    const { payload } = decode(await mint(worker));
    refused(await use(new Signer(older).token(payload, new Signer(newest).header)), 403, "Invalid JWT token");
    refused(await use(new Signer(newest).token(payload, new Signer(older).header)), 403, "Invalid JWT token");
  });

  it("can be taken away at once", async () => {
    const stolen = new Signer(older).token(decode(await mint(worker)).payload);
    assert.equal((await use(stolen)).status, 200);
    await worker.restart({ SIGNING_KEY_PREVIOUS: undefined });
    refused(await use(stolen), 403, "Invalid JWT token");
  });
});

describe("two projects with the same keys, issuer and storage", () => {
  it("take nothing of each other: neither tokens nor identities nor threads", async () => {
    const token = await mint(worker, "workspace_1");
    const id = await createThread(worker, bearer(token));
    const visitor = await visit(worker);
    const own = await createThread(worker, bearer(visitor.access_token));

    await worker.restart({ PROJECT_ID: "proj_0other" });
    refused(await use(token), 403, "Invalid JWT token");
    refused(await use(visitor.access_token), 403, "Invalid JWT token");
    refused(await refresh(worker, visitor.refresh_token.token), 403, "Invalid refresh token");
    const theirs = bearer(await mint(worker, "workspace_1"));
    for (const thread of [id, own]) {
      refused(await ask(worker, `GET /v1/threads/${thread}`, { headers: theirs }), 404, "Thread not found");
    }
    await createThread(worker, theirs);

    await worker.restart({ PROJECT_ID: "proj_0test" });
    const { threads } = (await use(token)).body;
    assert.deepEqual(
      threads.map((/** @type {any} */ thread) => [thread.id, thread.project_id]),
      [[id, "proj_0test"]],
    );
    const renewed = (await refresh(worker, visitor.refresh_token.token)).body;
    assert.equal((await getThread(worker, bearer(renewed.access_token), own)).id, own);
  });
});
