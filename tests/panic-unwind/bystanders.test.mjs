// @ts-check
/**
 * What a panic costs in a Worker whose panics unwind: its own request. Nothing in the product panics on demand, so a
 * task that has ended is called once more, which no future takes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";

import { root } from "../../scripts/toolchain.mjs";
import { NOON, backend, createThread, getThread, listThreads } from "../worker/exchange.mjs";
import { startWorker } from "../worker/workerd.mjs";

/** @import { Worker } from "../worker/workerd.mjs" */

const build = (/** @type {string} */ name) => join(root, "target", "panic-unwind", "worker", name);

/** Runs before the Worker's script. */
const saboteur = () => {
  const { get } = Headers.prototype;
  let isArmed = false;
  Headers.prototype.get = function (name) {
    const value = get.call(this, name);
    if (name === "Aui-User-Id") isArmed = value === "panic";
    return value;
  };
  Object.assign(globalThis, {
    /** @param {{ resume(value: unknown, failed: boolean): unknown }} task @param {unknown} value @param {boolean} failed */
    resume(task, value, failed) {
      const outcome = task.resume(value, failed);
      if (outcome === undefined || !isArmed) return outcome;
      isArmed = false;
      return task.resume(undefined, false);
    },
  });
};

/** @type {string} */
let folder;
/** @type {Worker} */
let worker;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-"));
  const script = join(folder, "index.js");
  const built = readFileSync(build("index.js"), "utf8");
  const sabotaged = built.replace(/(\w+)\.resume\((\w+),\s*(\w+)\)/g, "globalThis.resume($1,$2,$3)");
  assert.notEqual(sabotaged, built);
  writeFileSync(script, `(${saboteur})();\n${sabotaged}`);
  worker = await startWorker({}, { files: [script, build("index_bg.wasm")] });
});
after(async () => {
  // It may have printed a panic: that is what this is about.
  if (worker) worker.log = "";
  await worker?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} line @param {Record<string, string>} headers @param {any} [init] */
async function attempt(line, headers, init) {
  const [method, path] = line.split(" ");
  const response = await fetch(worker.url + path, { method, headers, ...init });
  return { status: response.status, body: /** @type {any} */ (await response.json()) };
}

it("a panic is its own request's alone: whoever was waiting goes on", async () => {
  const id = await createThread(worker, backend(worker));
  for (let round = 0; round < 5; round++) {
    /** @type {(() => void)[]} */
    const releases = [];
    const waiting = Array.from({ length: 10 }, () => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(`{"last_message_at":`));
          releases.push(() => {
            controller.enqueue(new TextEncoder().encode(`"${NOON}"}`));
            controller.close();
          });
        },
      });
      return attempt("POST /v1/threads", backend(worker, "workspace_waiting"), { body, duplex: "half" });
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const broken = await attempt("GET /v1/threads", backend(worker, "workspace_1", "panic"));
    assert.deepEqual([broken.status, broken.body], [500, { error: "Internal Server Error" }]);
    assert.match(worker.log, /broken_down/);
    for (const release of releases) release();
    for (const { status } of await Promise.all(waiting)) assert.equal(status, 201);
    assert.equal((await getThread(worker, backend(worker), id)).id, id);
  }
  assert.equal((await listThreads(worker, backend(worker, "workspace_waiting"), "?limit=100")).length, 50);
});
