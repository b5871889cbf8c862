// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { ask, backend, bearer, createThread, getThread, listThreads, mint } from "./exchange.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

describe("a thread of another workspace", () => {
  it("is answered byte for byte as one that never was", async () => {
    const [owner, stranger] = [backend(worker, "workspace_owner"), backend(worker, "workspace_stranger")];
    const id = await createThread(worker, owner, { title: "Secret", external_id: "secret" });
    const imagined = `${id.slice(0, -1)}${id.endsWith("x") ? "y" : "x"}`;
    // Once with a workspace that has no storage at all, once with one that has.
    for (let round = 0; round < 2; round++) {
      for (const [method, json] of /** @type {const} */ ([
        ["GET"],
        ["PUT", { title: "Mine" }],
        ["DELETE"],
        ["PUT", {}],
      ])) {
        const [real, none] = await Promise.all(
          [id, imagined].map((name) => ask(worker, `${method} /v1/threads/${name}`, { headers: stranger, json })),
        );
        assert.equal(real.status, 404);
        assert.deepEqual([real.status, real.text, [...real.headers]], [none.status, none.text, [...none.headers]]);
      }
      assert.deepEqual(await listThreads(worker, stranger, "?external_id=secret"), []);
      const own = await createThread(worker, stranger);
      assert.deepEqual(await listThreads(worker, stranger, `?after=${id}`), [await getThread(worker, stranger, own)]);
      await ask(worker, `DELETE /v1/threads/${own}`, { headers: stranger });
    }
    assert.equal((await getThread(worker, owner, id)).title, "Secret");
  });
});

describe("workspaces", () => {
  it("of names that could run into each other do not share", async () => {
    const names = [
      ...[
        "a_b_c",
        "a_b",
        "a",
        "a/b",
        "a%2Fb",
        "a.b",
        "A_B",
        "a_b ".trim() + "_",
        "_a_b",
        "a-b",
        "a__b",
        "a\\b",
        "a:b",
        "a,b",
        "a;b",
      ],
      ...[
        "..",
        ".",
        "null",
        "undefined",
        "0",
        "00",
        "proj_0testa",
        "workspace",
        "constructor",
        "__proto__",
        "x".repeat(254),
        "x".repeat(255),
      ],
    ];
    const made = await Promise.all(
      names.map((name) => createThread(worker, backend(worker, name), { title: name.slice(0, 200) })),
    );
    for (const [index, name] of names.entries()) {
      const threads = await listThreads(worker, bearer(await mint(worker, name)));
      assert.deepEqual(
        threads.map(({ id, workspace_id }) => [id, workspace_id]),
        [[made[index], name]],
      );
    }
  });

  it("are shared by all of their users, however they prove themselves", async () => {
    const id = await createThread(worker, backend(worker, "workspace_shared", "user_1"));
    for (const user of ["user_2", "workspace_shared", undefined]) {
      const token = bearer(await mint(worker, "workspace_shared", user));
      for (const headers of [token, backend(worker, "workspace_shared", user)]) {
        assert.equal((await getThread(worker, headers, id)).id, id);
        assert.equal(
          (await ask(worker, `PUT /v1/threads/${id}`, { headers, json: { title: String(user) } })).status,
          200,
        );
      }
    }
  });

  it("are not chosen by the user's name", async () => {
    await createThread(worker, backend(worker, "workspace_by_name"));
    assert.deepEqual(await listThreads(worker, backend(worker, "workspace_empty", "workspace_by_name")), []);
  });
});

describe("projects whose names and workspaces run into each other on one storage", () => {
  it("do not share: `a` with `b_c` and `a_b` with `c`", async () => {
    const pairs = [
      ["a", "b_c"],
      ["a_b", "c"],
      ["a_b_c", "x"],
      ["a", "b"],
      ["ab", "c"],
    ];
    const made = [];
    for (const [project, workspace] of pairs) {
      await worker.restart({ PROJECT_ID: project });
      assert.deepEqual(await listThreads(worker, backend(worker, workspace)), [], `${project} ${workspace}`);
      made.push(await createThread(worker, backend(worker, workspace)));
    }
    for (const [index, [project, workspace]] of pairs.entries()) {
      await worker.restart({ PROJECT_ID: project });
      const threads = await listThreads(worker, backend(worker, workspace));
      assert.deepEqual(
        threads.map(({ id, project_id }) => [id, project_id]),
        [[made[index], project]],
      );
    }
  });
});
