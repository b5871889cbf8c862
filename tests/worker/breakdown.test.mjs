// @ts-check
/**
 * What becomes of the built Worker when Rust breaks down in it. Nothing in the product does that on demand, so the
 * runtime does: a call out of Rust throws, which passes over Rust's frames as a panic's trap does.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/toolchain.mjs";
import { NOON, append, backend, createThread, getThread, listMessages, listThreads } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** Runs with the Worker's script. Whom a request is for says where it is to break. */
const saboteur = () => {
  const { get } = Headers.prototype;
  const { now } = Date;
  const { from } = Array;
  let statements = Infinity;
  let isArmed = false;
  const breakdown = () => new Error("broken on purpose");
  Headers.prototype.get = function (name) {
    const value = get.call(this, name);
    if (name === "Aui-User-Id") isArmed = value === "breakWorker";
    return value;
  };
  Date.now = () => {
    if (!isArmed) return now();
    isArmed = false;
    throw breakdown();
  };
  // What Rust reads a statement's rows with.
  Array.from = /** @type {typeof Array.from} */ (
    (/** @type {any[]} */ ...values) => {
      const rows = Reflect.apply(from, Array, values);
      if (statements-- > 0) return rows;
      return new Proxy(rows, {
        get() {
          throw breakdown();
        },
      });
    }
  );
  return (/** @type {string} */ errand) => {
    statements = Number(/breakStatement(\d+)/.exec(errand)?.[1] ?? Infinity);
  };
};

/** The Worker's entry with the saboteur in it. */
const entry = `
import worker, { Workspace as Original } from "./index.js";
const prepare = (${saboteur})();
export class Workspace extends Original {
  serve(errand, body) {
    prepare(errand);
    return super.serve(errand, body);
  }
}
export default worker;
`;

/** @type {string} */
let folder;
/** @type {Worker} */
let worker;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-"));
  const build = (/** @type {string} */ name) => join(root, "build", name);
  const script = join(folder, "saboteur.mjs");
  writeFileSync(script, entry);
  worker = await startWorker({}, { files: [script, build("index.js"), build("index_bg.wasm")] });
});
after(async () => {
  await worker?.close();
  rmSync(folder, { recursive: true, force: true });
});

const owner = (workspace = "workspace_1", user = "user_1") => backend(worker, workspace, user);

/**
 * Asks for something that the Worker may break down at.
 *
 * @param {string} line
 * @param {Record<string, string>} headers
 * @param {any} [init]
 */
async function attempt(line, headers, init) {
  const [method, path] = line.split(" ");
  const response = await fetch(worker.url + path, { method, headers, ...init });
  return { status: response.status, headers: response.headers, body: /** @type {any} */ (await response.json()) };
}

/** A body that comes when it is let. */
function held() {
  /** @type {() => void} */
  let release = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`{"last_message_at":`));
      release = () => {
        controller.enqueue(new TextEncoder().encode(`"${NOON}"}`));
        controller.close();
      };
    },
  });
  return { body, release };
}

describe("a breakdown in the Worker", () => {
  it("is its own request's alone, and whoever was waiting is told to come again", async () => {
    const id = await createThread(worker, owner());
    for (let round = 0; round < 3; round++) {
      const { body, release } = held();
      const waiting = attempt("POST /v1/threads", owner("workspace_2"), { body, duplex: "half" });
      const broken = await attempt("GET /v1/threads", owner("workspace_1", "breakWorker"));
      assert.deepEqual([broken.status, broken.body], [500, { error: "Internal Server Error" }]);
      release();
      const late = await waiting;
      assert.ok(late.status === 201 || (late.status === 503 && late.headers.get("Retry-After")), `${late.status}`);
      assert.equal((await getThread(worker, owner(), id)).id, id);
    }
  });

  it("among many requests costs no reader anything", async () => {
    const id = await createThread(worker, owner());
    const others = Array.from({ length: 60 }, (_, index) =>
      index % 20 === 10
        ? attempt("GET /v1/threads", owner("workspace_1", "breakWorker"))
        : attempt(`GET /v1/threads/${id}`, owner()),
    );
    const statuses = (await Promise.all(others)).map(({ status }) => status);
    assert.deepEqual(
      statuses,
      statuses.map((_, index) => (index % 20 === 10 ? 500 : 200)),
    );
  });
});

describe("a breakdown in a workspace's object", () => {
  it("leaves nothing half done, whichever statement it comes at", async () => {
    let broken = 0;
    for (let statement = 0; statement < 12; statement++) {
      const workspace = `workspace_statement_${statement}`;
      const headers = owner(workspace);
      const id = await createThread(worker, headers);
      const message = await append(worker, headers, id);
      await append(worker, headers, id, { parent_id: message });
      const breaking = owner(workspace, `breakStatement${statement}`);
      const { status } = await attempt(`DELETE /v1/threads/${id}`, breaking);
      const threads = await listThreads(worker, headers);
      const messages = await listMessages(worker, headers, id);
      if (status === 200) {
        assert.deepEqual([threads.length, messages.length], [0, 0]);
      } else {
        broken += 1;
        assert.ok(status >= 500, `${status}`);
        assert.deepEqual([threads.length, messages.length], [1, 2], `at statement ${statement}`);
      }
    }
    assert.ok(broken >= 6, `${broken} were broken`);
  });

  it("concerns no other workspace", async () => {
    const id = await createThread(worker, owner("workspace_calm"));
    const breaking = owner("workspace_wild", "breakStatement0");
    const wild = await attempt("POST /v1/threads", breaking, { body: JSON.stringify({ last_message_at: NOON }) });
    assert.ok(wild.status >= 500);
    assert.equal((await getThread(worker, owner("workspace_calm"), id)).id, id);
    assert.equal((await listThreads(worker, owner("workspace_wild"))).length, 0);
  });
});
