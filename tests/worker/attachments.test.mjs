// @ts-check
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { PAGE, append, ask, backend, bearer, createThread, mint, refused, visit } from "./exchange.mjs";
import { request, send } from "./wire.mjs";
import { PROJECT_ID, startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

/** The longest file, in bytes. */
const MAX_BYTES = 26_214_400;
const UPLOADS = "POST /v1/files/attachments/generate-presigned-upload-url";
const DOWNLOADS = "POST /v1/files/attachments/generate-presigned-download-url";
const REFUSED = "Invalid or expired attachment URL";

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker({}, { bucket: true });
});
after(() => worker?.close());

/** @param {string} [workspace] */
const owner = (workspace = "workspace_1") => backend(worker, workspace);

/** Leave to upload. @param {object} [members] @param {Record<string, string>} [headers] */
async function sign(members, headers = owner()) {
  const answer = await ask(worker, UPLOADS, { headers, json: { filename: "rain.png", ...members } });
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

/** The line of a request to an absolute address of the Worker's. @param {string} method @param {string} url */
const line = (method, url) => `${method} ${url.slice(worker.url.length)}`;

/** Uploads as the official client does. @param {string} url @param {any} body @param {string} [type] */
const upload = (url, body, type = "image/png") =>
  ask(worker, line("PUT", url), { body, headers: { "Content-Type": type } });

/** Reads as an `<img>` does. @param {string} url @param {Record<string, string>} [headers] */
async function read(url, headers) {
  const response = await fetch(url, { headers, redirect: "manual" });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** A file that is stored. @param {any} bytes @param {object} [members] @param {Record<string, string>} [headers] */
async function stored(bytes, members, headers) {
  const leave = await sign(members, headers);
  const answer = await upload(leave.signedUrl, bytes);
  assert.deepEqual([answer.status, answer.body], [200, {}]);
  return leave;
}

/** @param {any} json @param {Record<string, string>} [headers] */
const download = (json, headers = owner()) => ask(worker, DOWNLOADS, { headers, json });

/**
 * An address as whoever stole the key would sign it.
 *
 * @param {"GET" | "PUT"} method
 * @param {string} signedUrl an address to change
 * @param {number} expires in seconds
 */
function forge(method, signedUrl, expires, label = "attachment addresses") {
  const url = new URL(signedUrl);
  const name = String(url.pathname.split("/").at(-1));
  const master = Buffer.from(String(worker.variables.REFRESH_KEY), "base64url");
  const mac = createHmac("sha256", createHmac("sha256", master).update(label).digest());
  for (const part of [method, PROJECT_ID, name, String(expires)]) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    mac.update(length).update(part);
  }
  return `${url.origin}${url.pathname}?expires=${expires}&signature=${mac.digest("base64url")}`;
}

const now = () => Math.floor(Date.now() / 1000);

describe("an attachment", () => {
  it("goes up and comes down, byte by byte, by its public address and by signed ones", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256));
    const before = Date.now();
    const { success, signedUrl, publicUrl, key, expiresAt, ...rest } = await sign();
    assert.deepEqual([success, rest], [true, {}]);
    assert.match(key, new RegExp(`^attachments/${PROJECT_ID}/[0-9a-f]{32}/[0-9a-f-]{36}\\.png$`));
    const lifetime = Date.parse(expiresAt) - before;
    assert.ok(lifetime > 898_000 && lifetime <= 901_000, `${lifetime} ms`);
    assert.equal((await read(publicUrl)).status, 404, "nothing is there yet");
    assert.equal((await upload(signedUrl, bytes, "")).status, 200);
    const signed = await download({ key });
    assert.deepEqual(Object.keys(signed.body).sort(), ["expiresAt", "key", "signedUrl"]);
    assert.equal(signed.body.key, key);
    const byAddress = await download({ url: publicUrl });
    assert.equal(byAddress.body.key, key);
    for (const url of [publicUrl, signed.body.signedUrl, byAddress.body.signedUrl, `${publicUrl}?cache=1`]) {
      const file = await read(url);
      assert.equal(file.status, 200, url);
      assert.ok(file.bytes.equals(bytes));
      assert.equal(file.headers.get("Content-Type"), "image/png");
      assert.equal(file.headers.get("X-Content-Type-Options"), "nosniff");
      assert.equal(file.headers.get("Cross-Origin-Resource-Policy"), "cross-origin");
      assert.equal(file.headers.get("Content-Security-Policy"), "default-src 'none'; sandbox");
      assert.match(String(file.headers.get("Cache-Control")), /private/);
    }
    const page = await read(publicUrl, { Origin: PAGE });
    assert.equal(page.headers.get("Access-Control-Allow-Origin"), PAGE);
  });

  it("is read in parts, and not again by who has it", async () => {
    const { publicUrl } = await stored("0123456789", { filename: "digits.txt" });
    for (const [range, text, span] of [
      ["bytes=0-3", "0123", "bytes 0-3/10"],
      ["bytes=7-", "789", "bytes 7-9/10"],
      ["bytes=-2", "89", "bytes 8-9/10"],
      ["bytes=5-100", "56789", "bytes 5-9/10"],
    ]) {
      const part = await read(publicUrl, { Range: range });
      const { status, headers, bytes } = part;
      assert.deepEqual([status, String(bytes), headers.get("Content-Range")], [206, text, span], range);
    }
    for (const range of ["bytes=10-", "bytes=-0", "bytes=99-100"]) {
      assert.equal((await read(publicUrl, { Range: range })).status, 416, range);
    }
    for (const range of ["bytes=3-1", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"]) {
      assert.equal((await read(publicUrl, { Range: range })).status, 200, range);
    }
    const etag = String((await read(publicUrl)).headers.get("ETag"));
    const again = await read(publicUrl, { "If-None-Match": etag });
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
    assert.equal((await read(publicUrl, { "If-None-Match": '"0"' })).status, 200);
  });

  it("is nobody's page, whatever it is", async () => {
    for (const [filename, type, disposition] of [
      ["page.html", "text/plain; charset=utf-8", "inline"],
      ["page.XHTML", "text/plain; charset=utf-8", "inline"],
      ["picture.svg", "image/svg+xml", "attachment"],
      ["code.js", "text/plain; charset=utf-8", "inline"],
      ["unknown.xyz", "application/octet-stream", "attachment"],
      ["none", "application/octet-stream", "attachment"],
    ]) {
      const leave = await sign({ filename });
      assert.equal((await upload(leave.signedUrl, "<script>alert(1)</script>", "text/html")).status, 200);
      const { headers } = await read(leave.publicUrl);
      const found = ["Content-Type", "Content-Disposition"].map((name) => headers.get(name));
      assert.deepEqual(found, [type, disposition], filename);
      assert.match(String(headers.get("Content-Security-Policy")), /sandbox/);
    }
  });
});

describe("an address", () => {
  it("is good for one method, one file and its time", async () => {
    const first = await stored("first");
    const second = await sign({}, owner("workspace_2"));
    const { signedUrl: readUrl } = (await download({ key: first.key })).body;
    const [at, query] = first.signedUrl.split("?");
    const [otherAt, otherQuery] = second.signedUrl.split("?");
    const until = Number(/expires=(\d+)/.exec(query)?.[1]);
    const flipped = query.slice(0, -2) + (query.at(-2) === "A" ? "B" : "A") + query.slice(-1);
    const uploads = {
      "for reading": readUrl,
      "another file's": `${at}?${otherQuery}`,
      "for another file": `${otherAt}?${query}`,
      longer: `${at}?${query.replace(String(until), String(until + 1))}`,
      "with a zero": `${at}?${query.replace("expires=", "expires=0")}`,
      flipped: `${at}?${flipped}`,
      cut: first.signedUrl.slice(0, -1),
      "with more": `${first.signedUrl}&x=1`,
      bare: at,
      "another extension": first.signedUrl.replace(".png?", ".svg?"),
      "of a public address": `${first.publicUrl}?${query}`,
      expired: forge("PUT", first.signedUrl, now() - 1),
      "another label": forge("PUT", first.signedUrl, now() + 60, "other"),
    };
    for (const [about, url] of Object.entries(uploads)) {
      refused(await upload(url, "overwritten"), 403, REFUSED, about);
    }
    for (const url of [first.signedUrl, at, forge("GET", readUrl, now() - 1), forge("PUT", readUrl, now() + 60)]) {
      assert.equal((await read(url)).status, 403, url);
    }
    assert.equal(String((await read(first.publicUrl)).bytes), "first");
    // The forger's own writing is right: with the key and in time it opens.
    assert.equal((await read(forge("GET", readUrl, now() + 60))).status, 200);
  });

  it("leads nowhere else", async () => {
    const { publicUrl, key } = await stored("file");
    const [, , owner, file] = key.split("/");
    const base = `${worker.url}/v1/files/attachments/`;
    for (const name of [
      "..%2F..%2Fsecret",
      `${owner}_..%2f${file}`,
      `${owner}/${file}`,
      `${owner}%2F${file}`,
      encodeURIComponent(key),
      publicUrl.split("/").at(-1)?.replace(/_./, "_~"),
      publicUrl.split("/").at(-1)?.toUpperCase(),
      `${publicUrl.split("/").at(-1)}/`,
      `${publicUrl.split("/").at(-1)}%00`,
      "x",
    ]) {
      const { status } = await read(base + name);
      assert.ok(status === 404 || status === 403, `${status} for ${name}`);
    }
  });

  it("is given by key to its workspace alone, and by public address to whoever has that", async () => {
    const visitor = bearer((await visit(worker)).access_token);
    const { key, publicUrl } = await stored("file");
    for (const headers of [owner("workspace_2"), visitor]) {
      refused(await download({ key }, headers), 404, "Attachment not found");
      assert.equal((await download({ url: publicUrl }, headers)).status, 200);
    }
    assert.equal((await download({ key }, bearer(await mint(worker, "workspace_1")))).status, 200);
    for (const wrong of [`/${key}`, `${key}?x`, key.replace("/", "/../"), key.toUpperCase(), `${key}#`, key.slice(1)]) {
      refused(await download({ key: wrong }), 404, "Attachment not found", wrong);
    }
    const elsewhere = [publicUrl.replace("http", "https"), publicUrl.replace("localhost", "evil"), key];
    for (const url of [`${publicUrl}?x`, ...elsewhere]) {
      refused(await download({ url }), 404, "Attachment not found", url);
    }
    for (const wrong of [{}, { key, url: publicUrl }, { key: 1 }, { key: "" }, { key: null }]) {
      refused(await download(wrong), 400, "Schema validation error", JSON.stringify(wrong));
    }
    for (const asked of [UPLOADS, DOWNLOADS]) {
      refused(await ask(worker, asked, { json: { filename: "a.png", key } }), 401, "Authorization header is missing");
    }
  });
});

describe("an upload", () => {
  it("is refused where its name, type or size will not do", async () => {
    for (const wrong of [
      { filename: undefined },
      { filename: "" },
      { filename: "x".repeat(256) },
      { filename: "a.png/b" },
      { filename: "a.\\x" },
      { content_type: "text/html" },
      { content_type: "image" },
      { content_length: MAX_BYTES + 1 },
      { content_length: -1 },
      { content_length: "1" },
    ]) {
      const answer = await ask(worker, UPLOADS, { headers: owner(), json: { filename: "a.png", ...wrong } });
      refused(answer, 400, "Schema validation error", JSON.stringify(wrong));
    }
    await sign({ content_type: "image/png; q=1", content_length: MAX_BYTES });
    assert.match((await sign({ filename: "../../etc/passwd.PNG" })).key, /[0-9a-f]\.png$/);
  });

  it("is of 25 MiB at most, and says how long it is", async () => {
    const bytes = Buffer.alloc(MAX_BYTES, 7);
    const { publicUrl, signedUrl } = await stored(bytes);
    assert.ok((await read(publicUrl)).bytes.equals(bytes));
    const put = (/** @type {Record<string, string>} */ headers, body = "") =>
      send(worker, request(line("PUT", signedUrl), headers, body));
    assert.equal((await put({ "Content-Length": String(MAX_BYTES + 1) })).status, 413);
    assert.equal((await put({ "Transfer-Encoding": "chunked" }, "1\r\nx\r\n0\r\n\r\n")).status, 411);
    assert.equal((await put({ "Content-Length": "1", "Transfer-Encoding": "chunked" }, "1\r\nx\r\n0\r\n\r\n")).status, 411);
    assert.ok((await read(publicUrl)).bytes.equals(bytes), "what was refused has replaced nothing");
    const nothing = await stored("");
    assert.equal((await read(nothing.publicUrl)).bytes.length, 0);
  });

  it("that breaks off leaves no file", async () => {
    const { publicUrl, signedUrl } = await sign();
    const half = request(line("PUT", signedUrl), { "Content-Length": "1000" }, "x".repeat(500));
    await assert.rejects(send(worker, half));
    assert.equal((await read(publicUrl)).status, 404);
  });
});

describe("a file that messages name", () => {
  /** A thread with a message that names these files. @param {Record<string, string>} headers @param {...string} urls */
  async function thread(headers, ...urls) {
    const id = await createThread(worker, headers);
    const content = { role: "user", content: urls.map((image) => ({ type: "image", image })) };
    return { id, message: await append(worker, headers, id, { content }) };
  }

  /** Waits until a file is gone. @param {string} url */
  async function gone(url) {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await wait(50)) {
      if ((await read(url)).status === 404) return;
    }
    assert.fail(`${url} is still there`);
  }

  it("goes with the last of them, and takes no other along", async () => {
    const headers = owner("workspace_files");
    const [shared, alone, draft] = [await stored("1", {}, headers), await stored("2", {}, headers), await stored("3", {}, headers)];
    const foreign = await stored("4");
    const first = await thread(headers, shared.publicUrl, alone.publicUrl, foreign.publicUrl);
    const second = await thread(headers, shared.publicUrl);
    assert.equal((await ask(worker, `DELETE /v1/threads/${first.id}`, { headers })).status, 200);
    await gone(alone.publicUrl);
    for (const { publicUrl } of [shared, draft, foreign]) assert.equal((await read(publicUrl)).status, 200);
    const json = { content: { role: "user", content: [] } };
    await ask(worker, `PUT /v1/threads/${second.id}/messages/${second.message}`, { headers, json });
    await gone(shared.publicUrl);
    for (const { publicUrl } of [draft, foreign]) assert.equal((await read(publicUrl)).status, 200);
  });

  it("is the account's once it is claimed", async () => {
    const { access_token, refresh_token } = await visit(worker);
    const visitor = bearer(access_token);
    const { publicUrl, key } = await stored("1", {}, visitor);
    const { id } = await thread(visitor, publicUrl);
    const headers = owner("workspace_account");
    refused(await download({ key }, headers), 404, "Attachment not found");
    const { signedUrl: earlier } = (await download({ key }, visitor)).body;
    const json = { refresh_token: refresh_token.token };
    const claim = await ask(worker, "POST /v1/threads/claim", { headers, json });
    assert.deepEqual(claim.body, { moved: 1 });
    for (const named of [{ key }, { url: publicUrl }]) {
      const { signedUrl } = (await download(named, headers)).body;
      for (const url of [signedUrl, publicUrl, earlier]) assert.equal(String((await read(url)).bytes), "1");
    }
    for (const others of [visitor, owner("workspace_2")]) {
      refused(await download({ key }, others), 404, "Attachment not found");
    }
    const later = await thread(visitor, publicUrl);
    await ask(worker, `DELETE /v1/threads/${later.id}`, { headers: visitor });
    await wait(2_000);
    assert.equal((await read(publicUrl)).status, 200, "it is not the visitor's to remove any more");
    await ask(worker, `DELETE /v1/threads/${id}`, { headers });
    await gone(publicUrl);
  });
});

it("pages of a PDF are made by nobody here", async () => {
  const response = await fetch(`${worker.url}/v1/files/pdf-to-images`, {
    method: "POST",
    headers: owner(),
    body: JSON.stringify({ file_url: "https://example.com/a.pdf" }),
  });
  assert.equal(response.status, 501);
  assert.deepEqual(await response.json(), { error: "PDF conversion is not available on this deployment" });
});

it("without a bucket attachments are off, and all else works", async () => {
  const bare = await startWorker();
  try {
    const headers = backend(bare);
    for (const asked of [UPLOADS, DOWNLOADS]) {
      const json = { filename: "a.png", key: "x" };
      const answer = await ask(bare, asked, { headers, json, faulty: true });
      refused(answer, 503, "Attachments are not configured on this deployment");
    }
    assert.equal((await ask(bare, "GET /v1/threads", { headers })).status, 200);
  } finally {
    await bare.close();
  }
});
