// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NOON, ask, backend, createThread, getThread, refused, visit } from "./exchange.mjs";
import { request, send } from "./wire.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** The longest bodies, in bytes. */
const THREAD_LIMIT = 65_536;
const TOKEN_LIMIT = 4_096;

/** @type {Worker} */
let worker;
/** @type {string} */
let id;
before(async () => {
  worker = await startWorker();
  id = await createThread(worker, backend(worker));
});
after(() => worker?.close());

/** A body that passes in pieces, so that nothing announces its length. @param {string} text @param {number} size */
function stream(text, size) {
  const bytes = Buffer.from(text);
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(start, start + size)));
      start += size;
    },
  });
}

/** JSON of exactly that many bytes. @param {object} value @param {number} length */
function padded(value, length) {
  const text = JSON.stringify(value);
  return text + " ".repeat(length - Buffer.byteLength(text));
}

/** Every route that reads its body. */
const readers = () => [
  { line: "POST /v1/threads", limit: THREAD_LIMIT, good: { last_message_at: NOON }, status: 201 },
  { line: `PUT /v1/threads/${id}`, limit: THREAD_LIMIT, good: { title: "Title" }, status: 200 },
];

describe("a body", () => {
  it("of the longest length is read, announced or not", async () => {
    for (const { line, limit, good, status } of readers()) {
      const text = padded(good, limit);
      assert.equal((await ask(worker, line, { headers: backend(worker), body: text })).status, status);
      const body = stream(text, 10_000);
      assert.equal((await ask(worker, line, { headers: backend(worker), body, duplex: "half" })).status, status);
    }
    const { refresh_token } = await visit(worker);
    const text = padded({ refresh_token: refresh_token.token }, TOKEN_LIMIT);
    assert.equal((await ask(worker, "POST /v1/auth/tokens/refresh", { body: text })).status, 200);
  });

  it("of one byte more is refused, announced or not", async () => {
    const routes = [
      ...readers(),
      { line: "POST /v1/auth/tokens/refresh", limit: TOKEN_LIMIT, good: { refresh_token: "" } },
    ];
    for (const { line, limit, good } of routes) {
      const text = padded(good, limit + 1);
      const headers = backend(worker);
      refused(await ask(worker, line, { headers, body: text }), 413, "Request body is too large");
      const body = stream(text, 1_000);
      refused(await ask(worker, line, { headers, body, duplex: "half" }), 413, "Request body is too large");
    }
  });

  it("that is announced as endless is refused before it comes", async () => {
    for (const length of ["65537", "1000000000000", "99999999999999999"]) {
      const text = request("POST /v1/threads", { ...backend(worker), "Content-Length": length });
      const answer = await send(worker, text);
      assert.equal(answer.status, 413, length);
    }
  });

  it("of any length up to 32 MiB is refused in so many words, while it still comes", async () => {
    const headers = backend(worker);
    const refusals = { "POST /v1/threads": 413, [`PUT /v1/threads/${id}/messages/x`]: 413, "POST /v1/nowhere": 404 };
    for (const [line, status] of Object.entries(refusals)) {
      for (const length of [1_300_000, 5_000_000, 30_000_000]) {
        const body = new Uint8Array(length).fill(32);
        for (let round = 0; round < 8; round++) {
          assert.equal((await ask(worker, line, { headers, body })).status, status, `${line} of ${length}`);
        }
      }
    }
  });

  it("that never ends is cut off", async () => {
    const chunk = `2000\r\n${" ".repeat(8192)}\r\n`;
    const text = request("POST /v1/threads", { ...backend(worker), "Transfer-Encoding": "chunked" }, chunk.repeat(20));
    assert.equal((await send(worker, text)).status, 413);
  });

  it("that is announced as short and comes in endless pieces is cut off all the same", async () => {
    const chunks = `2000\r\n${" ".repeat(8192)}\r\n`.repeat(20);
    for (const lengths of [{ "Content-Length": "2" }, { "Content-Length": "0" }]) {
      for (const headers of [{ ...lengths, "Transfer-Encoding": "chunked" }, { "Transfer-Encoding": "chunked", ...lengths }]) {
        const text = request("POST /v1/threads", { ...backend(worker), ...headers }, chunks);
        assert.equal((await send(worker, text)).status, 413, JSON.stringify(headers));
      }
    }
  });

  it("is read after the credential only", async () => {
    const body = " ".repeat(THREAD_LIMIT + 1);
    refused(await ask(worker, "POST /v1/threads", { body }), 401, "Authorization header is missing");
  });

  it("may come a byte at a time, cut inside a letter", async () => {
    const title = "日本語 💥";
    const body = stream(JSON.stringify({ title }), 1);
    const headers = backend(worker);
    assert.equal((await ask(worker, `PUT /v1/threads/${id}`, { headers, body, duplex: "half" })).status, 200);
    assert.equal((await getThread(worker, headers, id)).title, title);
  });
});

describe("a body that is no JSON", () => {
  const malformed = [
    ...[
      "",
      " ",
      "{",
      `{"title":"a"`,
      `{"title":"a"}x`,
      "{} {}",
      "{'title':1}",
      "{title:1}",
      `{"title":"a",}`,
      "undefined",
    ],
    ...["NaN", `{"title":"a\nb"}`, "\ufeff{}", `{"a":`.repeat(10_000), "title=a", "%7B%7D"],
  ];

  it("is refused as such", async () => {
    for (const { line } of readers()) {
      for (const body of malformed) {
        const answer = await ask(worker, line, { headers: backend(worker), body });
        refused(answer, 400, "Malformed JSON", `${line} ${body.slice(0, 40)}`);
      }
    }
    for (const body of malformed.filter((text) => text.length <= TOKEN_LIMIT)) {
      refused(await ask(worker, "POST /v1/auth/tokens/refresh", { body }), 400, "Malformed JSON", body);
    }
  });

  it("is refused as such when its bytes are no UTF-8", async () => {
    for (const bytes of ["ff", "c0af", "eda080", "f8888080"]) {
      const body = Buffer.concat([Buffer.from(`{"title":"`), Buffer.from(bytes, "hex"), Buffer.from(`"}`)]);
      const answer = await ask(worker, `PUT /v1/threads/${id}`, { headers: backend(worker), body });
      refused(answer, 400, "Malformed JSON", bytes);
    }
  });
});

describe("a body that is no object", () => {
  it("is refused by its schema", async () => {
    for (const { line } of readers()) {
      for (const body of ["null", "true", "1", `"text"`, "[]", `[{"title":"a"}]`]) {
        refused(
          await ask(worker, line, { headers: backend(worker), body }),
          400,
          "Schema validation error",
          `${line} ${body}`,
        );
      }
    }
  });

  it("is no refresh request either, even if it holds a good token", async () => {
    const { refresh_token } = await visit(worker);
    for (const json of [
      null,
      true,
      1,
      "text",
      [],
      {},
      refresh_token.token,
      [refresh_token.token],
      [{ refresh_token }],
    ]) {
      const answer = await ask(worker, "POST /v1/auth/tokens/refresh", { json });
      refused(answer, 400, "Schema validation error", JSON.stringify(json));
    }
  });
});

describe("an empty body with a JSON content type", () => {
  it("is what the official client sends for a token and for a deletion", async () => {
    const headers = backend(worker);
    assert.equal((await ask(worker, "POST /v1/auth/tokens", { headers, body: null })).status, 200);
    assert.equal((await ask(worker, "POST /v1/auth/tokens", { headers, body: "" })).status, 200);
    assert.equal((await ask(worker, "POST /v1/auth/tokens/anonymous")).status, 200);
    const doomed = await createThread(worker, headers);
    assert.equal((await ask(worker, `DELETE /v1/threads/${doomed}`, { headers, body: null })).status, 200);
  });
});

it("a content type of any kind changes nothing", async () => {
  for (const type of ["", "text/plain", "application/json; charset=", "multipart/form-data", "\\", "a".repeat(2_000)]) {
    const headers = { ...backend(worker), "Content-Type": type };
    assert.equal(
      (await ask(worker, "POST /v1/threads", { headers, json: { last_message_at: NOON } })).status,
      201,
      type,
    );
    assert.equal((await ask(worker, "POST /v1/auth/tokens", { headers })).status, 200, type);
  }
});

it("a query or a header of any length is no server's fault", async () => {
  const long = "x".repeat(20_000);
  assert.equal((await ask(worker, `GET /v1/threads?unknown=${long}`, { headers: backend(worker) })).status, 200);
  assert.equal((await ask(worker, "GET /healthz", { headers: { "X-Long": long } })).status, 200);
  refused(
    await ask(worker, "GET /v1/threads", { headers: { Authorization: `Bearer ${long}` } }),
    403,
    "Unsupported authorization value",
  );
});
