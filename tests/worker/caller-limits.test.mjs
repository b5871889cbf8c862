// @ts-check
/** How often one user may ask for what costs the deployment money elsewhere. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { PAGE, ask, backend, bearer, createThread, visit } from "./exchange.mjs";
import { startModel } from "./model.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
/** @type {Awaited<ReturnType<typeof startModel>>} */
let model;
before(async () => {
  model = await startModel();
  const variables = { RATE_LIMITS: "on", TITLE_MODEL_URL: model.url, TITLE_MODEL: "model" };
  worker = await startWorker(variables, { bucket: true });
  // They count by the minute.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 15_000) await wait(left);
});
after(async () => {
  await worker?.close();
  await model?.close();
});

/** @param {Record<string, string>} headers @param {string} thread_id */
function title(headers, thread_id) {
  const messages = [{ role: "user", content: [{ type: "text", text: "Why is the sky blue?" }] }];
  const body = JSON.stringify({ thread_id, assistant_id: "system/thread_title", messages });
  const asked = { Origin: PAGE, "Content-Type": "application/json", Accept: "text/plain", ...headers };
  return fetch(`${worker.url}/v1/runs/stream`, { method: "POST", headers: asked, body });
}

/** @param {{ status: number, headers: Headers }} answer */
function limited({ status, headers }) {
  assert.equal(status, 429);
  assert.equal(headers.get("Retry-After"), "60");
  assert.equal(headers.get("Access-Control-Allow-Origin"), PAGE);
}

describe("a visitor", () => {
  it("has 30 titles made in a minute, and a colleague 30 more", async () => {
    const headers = bearer((await visit(worker)).access_token);
    for (let count = 0; count < 30; count++) {
      const answer = await title(headers, await createThread(worker, headers));
      assert.deepEqual([answer.status, await answer.text()], [200, "Title"]);
    }
    assert.equal(model.questions.length, 30);
    const thread = await createThread(worker, headers);
    const answer = await title(headers, thread);
    limited(answer);
    assert.deepEqual(await answer.json(), { error: "rate_limited" });
    assert.equal(model.questions.length, 30);
    const others = bearer((await visit(worker)).access_token);
    assert.equal(await (await title(others, await createThread(worker, others))).text(), "Title");
  });

  it("gets 30 addresses to upload to in a minute, and still every other answer", async () => {
    const sign = (/** @type {Record<string, string>} */ headers) =>
      ask(worker, "POST /v1/files/attachments/generate-presigned-upload-url", { headers, json: { filename: "rain.png" } });
    const headers = bearer((await visit(worker)).access_token);
    for (let count = 0; count < 30; count++) assert.equal((await sign(headers)).status, 201);
    limited(await sign(headers));
    assert.equal((await ask(worker, "GET /v1/threads", { headers })).status, 200);
    const [alice, bob] = ["alice", "bob"].map((user) => ({ ...backend(worker, "team"), "Aui-User-Id": user }));
    for (let count = 0; count < 30; count++) assert.equal((await sign(alice)).status, 201);
    limited(await sign(alice));
    assert.equal((await sign(bob)).status, 201, "a workspace is no person");
  });
});
