// @ts-check
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";

import { ask, backend, bearer, createThread, refused } from "./exchange.mjs";
import { request, send } from "./wire.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

describe("paths", () => {
  const unknown = [
    ...[
      "/",
      "/v1",
      "/v1/",
      "/v2/threads",
      "/v1/threads/",
      "/v1/threads/a/b",
      "/v1/threads//",
      "/V1/threads",
      "/healthz/",
    ],
    ...["/v1//threads", "/v1/auth", "/v1/auth/tokens/", "/v1/auth/tokens/anonymous/x", "/%68ealthz", "/.well-known"],
    ...["/.well-known/jwks.json/", "/v1/threads/%ff", `/v1/threads/${"x".repeat(256)}`, `/${"x".repeat(16_000)}`],
    ...["/index.html", "/build/index.js", "/../healthz/..", "/v1/auth/tokens/sessions"],
  ];

  it("that are none are not found, whatever the method and the credential", async () => {
    for (const path of unknown) {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        const headers = method === "GET" ? {} : backend(worker);
        refused(await ask(worker, `${method} ${path}`, { headers }), 404, "Not Found", `${method} ${path}`);
      }
    }
  });

  it("may have their front slashes doubled, as the official client doubles them", async () => {
    for (const path of ["//healthz", "///.well-known/jwks.json", "//v1/threads"]) {
      assert.equal((await ask(worker, `GET ${path}`, { headers: backend(worker) })).status, 200, path);
    }
  });
});

describe("methods", () => {
  const routes = {
    "/healthz": "GET",
    "/.well-known/jwks.json": "GET",
    "/.well-known/openid-configuration": "GET",
    "/v1/auth/tokens": "POST",
    "/v1/auth/tokens/anonymous": "POST",
    "/v1/auth/tokens/refresh": "POST",
    "/v1/auth/tokens/session": "POST",
    "/v1/threads": "GET, POST",
    "/v1/threads/thread_0": "GET, PUT, DELETE",
  };

  it("that a path does not know are refused with those that it knows", async () => {
    for (const [path, allowed] of Object.entries(routes)) {
      for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"]) {
        if (allowed.split(", ").includes(method)) continue;
        const answer = await ask(worker, `${method} ${path}`);
        refused(answer, 405, "Method Not Allowed", `${method} ${path}`);
        assert.equal(answer.headers.get("Allow"), `${allowed}, OPTIONS`);
      }
    }
  });

  it("know HEAD where they know GET, without a body", async () => {
    const id = await createThread(worker, backend(worker));
    for (const path of ["/healthz", "/v1/threads", `/v1/threads/${id}`]) {
      const answer = await ask(worker, `HEAD ${path}`, { headers: backend(worker) });
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, "");
    }
    assert.equal((await ask(worker, "HEAD /v1/auth/tokens", { headers: backend(worker) })).status, 405);
    assert.equal((await ask(worker, "HEAD /v1/threads")).status, 401);
    assert.equal((await ask(worker, "HEAD /v1/threads/nothing", { headers: backend(worker) })).status, 404);
  });
});

describe("ids in a path", () => {
  it("are taken as they are, however odd", async () => {
    for (const id of [
      "..",
      ".",
      "a/b",
      "a\\b",
      "a b",
      "a%b",
      "a?b",
      "a#b",
      "\0",
      "\r\nX: y",
      "é",
      "日本",
      "💥",
      "'; --",
      "x".repeat(255),
    ]) {
      const path = `/v1/threads/${encodeURIComponent(id).replaceAll(".", "%2E")}`;
      for (const method of ["GET", "PUT", "DELETE"]) {
        const text = request(`${method} ${path}`, { ...backend(worker), "Content-Length": "2" }, "{}");
        const answer = await send(worker, method === "PUT" ? text : request(`${method} ${path}`, backend(worker)));
        assert.deepEqual([answer.status, answer.text], [404, `{"error":"Thread not found"}`], `${method} ${path}`);
      }
    }
  });

  it("name one thread in the Worker and in the workspace, or none", async () => {
    const id = await createThread(worker, backend(worker));
    // The workspace must not read out of a path what the Worker did not.
    for (const segment of ["..\\threads", "x\\..\\..\\threads", `x\\..\\${id}`, `..\\threads\\${id}`]) {
      const answer = await send(worker, request(`GET /v1/threads/${segment}`, backend(worker)));
      assert.equal(answer.status, 404, `${segment}: ${answer.text}`);
    }
  });

  it("may be written with needless percent signs", async () => {
    const id = await createThread(worker, backend(worker));
    const path = [...id].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
    assert.equal((await ask(worker, `GET /v1/threads/${path}`, { headers: backend(worker) })).body.thread.id, id);
  });
});

describe("requests that are no client's", () => {
  it("are refused when the body has no place, or served as if it were not there", async () => {
    for (const method of ["GET", "HEAD"]) {
      const text = request(`${method} /v1/threads`, { ...backend(worker), "Content-Length": "2" }, "{}");
      const { status } = await send(worker, text);
      // 503 would send a client round in circles for ever.
      assert.ok([200, 400].includes(status), `${method} with a body: ${status}`);
    }
  });

  it("cannot name the caller behind the Worker's back", async () => {
    const headers = backend(worker, "workspace_spoofed");
    const victim = backend(worker, "workspace_victim");
    const id = await createThread(worker, victim);
    const answer = await ask(worker, `GET /v1/threads/${id}`, {
      headers: { ...headers, "Aui-Caller": "workspace%5Fvictim/%5F%5FSYSTEM%5F%5F" },
    });
    refused(answer, 404, "Thread not found");
  });

  it("leave the Worker well when they break off in the middle", async () => {
    for (const part of [`{"last`, ""]) {
      const text = request("POST /v1/threads", { ...backend(worker), "Content-Length": "100" }, part);
      const socket = connect(worker.port, "127.0.0.1");
      await new Promise((resolve) => socket.write(text, () => resolve(socket.destroy())));
    }
    assert.equal((await ask(worker, "GET /healthz")).status, 200);
  });

  it("are refused for two credentials at once, even if one is good", async () => {
    for (const pair of [
      ["a.b.c", worker.apiKey],
      [worker.apiKey, "a.b.c"],
      [worker.apiKey, worker.apiKey],
    ]) {
      const [first, second] = pair.map((credential) => bearer(credential).Authorization);
      const text = request("GET /v1/threads", {
        "Aui-Workspace-Id": "workspace_1",
        Authorization: `${first}\r\nAuthorization: ${second}`,
      });
      assert.equal((await send(worker, text)).status, 403);
    }
  });
});
