// @ts-check
/** The load generator: that it reads answers as they come, and takes no wrong one for a right one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { run } from "../../bench/load.mjs";

const REQUEST = "GET / HTTP/1.1\r\n\r\n";
const SIZED = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const EMPTY = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nc\r\nlo\r\n0\r\n\r\nxyz\r\n0\r\n\r\n";

/**
 * Serves the same answers to every connection, one for each request.
 *
 * @param {string[]} answers
 * @param {number} piece how many bytes of them come at once
 * @param {(port: number) => Promise<void>} use
 */
async function serve(answers, piece, use) {
  const server = createServer((socket) => {
    socket.setNoDelay(true).on("error", () => {});
    let asked = 0;
    socket.on("data", async () => {
      const answer = answers[asked++ % answers.length];
      for (let sent = 0; sent < answer.length; sent += piece) {
        socket.write(answer.slice(sent, sent + piece));
        await new Promise(setImmediate);
      }
      if (answer === "") socket.destroy();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    await use(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
  } finally {
    server.close();
  }
}

for (const piece of [1, 2, 7, 1_000]) {
  test(`reads answers that come in pieces of ${piece} bytes`, () =>
    serve([SIZED, EMPTY, CHUNKED], piece, async (port) => {
      /** @type {string[]} */
      const bodies = [];
      const job = { port, requests: [REQUEST], total: 6, connections: 1, status: 200 };
      await run(job, ({ body, index }) => (bodies[index] = body.toString()));
      const three = ["hello", "", "hello\r\n0\r\n\r\nxyz"];
      assert.deepEqual(bodies, [...three, ...three]);
    }));
}

test("counts every answer of several connections once", () =>
  serve([SIZED], 1_000, async (port) => {
    /** @type {number[]} */
    const indexes = [];
    await run({ port, requests: [REQUEST], total: 50, connections: 8, status: 200 }, ({ index }) => indexes.push(index));
    assert.deepEqual(indexes.toSorted((one, other) => one - other), Array.from({ length: 50 }, (_, index) => index));
  }));

test("puts the refresh token of an answer into the connection's next request", async () => {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      asked.push(bytes.toString());
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrefresh_0${asked.length}`);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const requests = ["POST / HTTP/1.1\r\n\r\nrefresh_0x"];
  await run({ port, requests, total: 3, connections: 1, status: 200, follow: true });
  server.close();
  assert.deepEqual(asked.map((text) => text.slice(-10)), ["refresh_0x", "refresh_01", "refresh_02"]);
});

test("stops at an answer that is not the one expected", () =>
  serve([SIZED.replace("200 OK", "503 No")], 1_000, async (port) => {
    const job = { port, requests: [REQUEST], total: 5, connections: 2, status: 200 };
    await assert.rejects(run(job), /not 200 but HTTP\/1\.1 503 No[^]*hello/);
  }));

test("stops where the server hangs up", () =>
  serve([SIZED, ""], 1_000, async (port) => {
    await assert.rejects(run({ port, requests: [REQUEST], total: 5, connections: 1, status: 200 }), /closed|ECONNRESET/);
  }));
