// @ts-check
/** Titles that stream, and reports, beside the official client: contract 1.6, 15 and 16. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { OfficialCloud, OurCloud, key, outcome, same, sameRefusals, seen } from "./both.mjs";
import { AssistantCloud, answer, baseUrl, deferred, installFetch, jwt, settle } from "./world.mjs";

const body = { thread_id: "t", assistant_id: /** @type {const} */ ("system/thread_title"), messages: [{ role: "user", content: [] }] };

/** @param {BodyInit | null} content @param {string | null} [type] */
const streaming = (content, type = "text/plain; charset=utf-8") => new Response(content, { headers: type === null ? {} : { "Content-Type": type } });

/** The package as a bundler leaves it whose chunk for streams is not on the server any more. @returns {Promise<any>} */
async function withoutDecoder() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../pkg/index.js", import.meta.url))], bundle: true, format: "esm", write: false,
    plugins: [{
      name: "gone",
      setup: ({ onLoad }) => onLoad({ filter: /plain-text-stream\.js$/ }, () => ({ contents: 'throw new Error("chunk is gone"); export {};' })),
    }],
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`);
}

/** Every chunk of a stream. @param {ReadableStream<any>} stream */
const chunks = async (stream) => {
  const all = [];
  for await (const chunk of /** @type {any} */ (stream)) all.push(chunk);
  return all;
};

describe("a title", () => {
  test("comes as the official client's stream, chunk by chunk", async () => {
    const bytes = new TextEncoder().encode("Grüße aus 東京");
    const pieces = () => new ReadableStream({
      start(controller) {
        // In the middle of a character, too.
        for (const [from, to] of [[0, 3], [3, 12], [12, bytes.length]]) controller.enqueue(bytes.slice(from, to));
        controller.close();
      },
    });
    const read = [];
    for (const Cloud of [OfficialCloud, OurCloud]) {
      installFetch(() => streaming(pieces()));
      const stream = await new Cloud(key).runs.stream(body);
      assert.ok(stream instanceof ReadableStream);
      read.push(await chunks(stream));
    }
    assert.deepEqual(read[1], read[0]);
    const text = read[1]?.map((chunk) => (chunk.type === "text-delta" ? chunk.textDelta : "")).join("");
    assert.equal(text, "Grüße aus 東京");
  });

  test("is asked for as plain text", async () => {
    const { request } = await same(() => streaming("x"), ({ runs }) => runs.stream(body).then(chunks));
    assert.deepEqual([request.method, request.url, request.headers.Accept, request.headers["Content-Type"], request.body], [
      "POST", `${baseUrl}/v1/runs/stream`, "text/plain", "application/json", JSON.stringify(body),
    ]);
  });

  test("is there before the stream ends", async () => {
    const end = deferred();
    installFetch(() => streaming(new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode("first"));
        await end.promise;
        controller.close();
      },
    })));
    const reader = (await new AssistantCloud(key).runs.stream(body)).getReader();
    for (;;) {
      const { value } = await reader.read();
      if (value?.type === "text-delta") break;
    }
    end.resolve();
  });

  for (const type of ["text/plain", "TEXT/PLAIN", " text/plain ;charset=utf-8", "text/plain;x"]) {
    test(`may be typed ${JSON.stringify(type)}`, async () => {
      const response = () => Object.assign(streaming("x"), {});
      await same(() => {
        const plain = response();
        Object.defineProperty(plain, "headers", { value: { get: (/** @type {string} */ name) => (/content-type/i.test(name) ? type : null) } });
        return plain;
      }, ({ runs }) => runs.stream(body).then(chunks));
    });
  }

  test("of any other type is refused, and its body is cancelled", async () => {
    const cancel = mock.fn();
    for (const type of ["text/html; charset=utf-8", "text/event-stream", "text/plainer", "", null]) {
      const { name, message } = await same(() => streaming(new ReadableStream({ cancel }), type), ({ runs }) => runs.stream(body));
      assert.equal(name, "CloudResponseError");
      assert.ok(message.endsWith(type ? `received "${type}"` : "received no Content-Type header"), message);
    }
    assert.equal(cancel.mock.callCount(), 10);
  });

  test("of any other type is refused even when its body cannot be cancelled", async () => {
    const cancel = () => Promise.reject(new Error("stuck"));
    const { name } = await same(() => streaming(new ReadableStream({ cancel }), "text/html"), ({ runs }) => runs.stream(body));
    assert.equal(name, "CloudResponseError");
  });

  test("without a body is refused", async () => {
    const { name, message } = await same(() => new Response(null, { status: 204 }), ({ runs }) => runs.stream(body));
    assert.equal(`${name}: ${message}`, 'CloudResponseError: Invalid Assistant Cloud response for "run stream": expected a response body');
  });

  test("is refused in the server's words", async () => {
    const { status, code } = await same({ error: "Thread not found" }, ({ runs }) => runs.stream(body), 404);
    assert.deepEqual([status, code], [404, "Thread not found"]);
  });

  test("is refused when what decodes it cannot be loaded, and its body is cancelled", async () => {
    const { AssistantCloud } = await withoutDecoder();
    const cancel = mock.fn();
    installFetch(() => streaming(new ReadableStream({ cancel })), answer({ error: "Thread not found" }, { status: 404 }));
    const { runs } = new AssistantCloud(key);
    await assert.rejects(runs.stream(body), { message: "chunk is gone" });
    assert.equal(cancel.mock.callCount(), 1);
    // What the server says comes first, and nothing is left unhandled.
    await assert.rejects(runs.stream(body), { status: 404 });
    await new Promise(setImmediate);
  });

  test("may hand a token over", async () => {
    const token = jwt({ sub: "alice" });
    const fetch = installFetch(() => {
      const response = streaming("x");
      response.headers.set("Authorization", `Bearer ${token}`);
      return response;
    });
    const cloud = new AssistantCloud({ baseUrl, authToken: async () => jwt({ sub: "provider" }) });
    await cloud.runs.stream(body);
    await cloud.runs.stream(body);
    assert.equal(fetch.mock.calls[1]?.arguments[1].headers.Authorization, `Bearer ${token}`);
  });
});

describe("a report", () => {
  test("is sent as it is given, and has an id afterwards", async () => {
    const report = /** @type {const} */ ({ thread_id: "t", status: "completed", tool_calls: [{ tool_name: "n", tool_call_id: "c" }], metadata: { a: 1 } });
    const { value, request } = await same({ run_id: "run_1", more: 1 }, ({ runs }) => runs.report(/** @type {any} */ (report)), 201);
    assert.deepEqual(value, { run_id: "run_1" });
    assert.deepEqual([request.method, request.url, request.body], ["POST", `${baseUrl}/v1/runs`, JSON.stringify(report)]);
  });

  test("that breaks the contract is named", async () => {
    await sameRefusals([
      ['"run report response": expected an object', ""], ['"run_id": expected a string', {}], ['"run_id": expected a string', { run_id: 1 }],
    ], ({ runs }) => runs.report({ thread_id: "t", status: "completed" }));
  });
});

describe("the options of an assistant", () => {
  test("are the official client's", async () => {
    const options = [OfficialCloud, OurCloud].map((Cloud) => {
      const cloud = new Cloud({ ...key, baseUrl: `${baseUrl}/api/` });
      const { headers, ...rest } = cloud.runs.__internal_getAssistantOptions("a");
      // Registered afterwards: the header is made when it is asked for.
      cloud.registerSdk({ name: "x", version: "1" });
      return { headers, ...rest };
    });
    const [theirs, ours] = await Promise.all(options.map(async ({ api, headers, body }) => {
      const { "Aui-Sdk": sdk = "", ...others } = /** @type {Record<string, string>} */ (await headers());
      return { api, body: { ...body }, others, sdk: sdk.replace(/^assistant-cloud\/\S+ /, "") };
    }));
    assert.deepEqual(ours, theirs);
    assert.deepEqual([ours?.api, ours?.sdk], [`${baseUrl}/api/v1/runs/stream`, "x/1"]);
  });

  test("are those of later versions, too, which name the thread", async () => {
    const { protocol, body } = /** @type {any} */ (new AssistantCloud(key).runs.__internal_getAssistantOptions("a"));
    assert.equal(protocol, "ui-message-stream");
    const named = { assistant_id: "a", response_format: "vercel-ai-data-stream/v1", thread_id: "t" };
    assert.deepEqual(await body({ threadId: "t" }), named);
    for (const none of [undefined, {}]) await assert.rejects(body(none), /Assistant Cloud runs need a thread/);
  });

  test("reject without a token", async () => {
    const results = [];
    for (const Cloud of [OfficialCloud, OurCloud]) {
      const { headers } = new Cloud({ baseUrl, authToken: async () => null }).runs.__internal_getAssistantOptions("a");
      results.push((await outcome(headers())).message);
    }
    assert.deepEqual(results, ["Authorization failed", "Authorization failed"]);
  });

  test("come at once, and ask nobody anything", async () => {
    const fetch = installFetch();
    const authToken = mock.fn(async () => jwt());
    new AssistantCloud({ baseUrl, authToken }).runs.__internal_getAssistantOptions("a");
    await settle();
    assert.deepEqual([seen(fetch), authToken.mock.callCount()], [[], 0]);
  });
});
