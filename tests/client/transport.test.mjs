// @ts-check
/** Requests, answers and configurations: contract 1.1, 1.2 and 3.7. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, mock, test } from "node:test";
import * as official from "assistant-cloud";
import { key, outcome } from "./both.mjs";
import {
  AssistantCloud, answer, baseUrl, cloudEdge, defineGlobal, farFuture, grant, installFetch, installStorage, jwt, noThreads, storageKey,
} from "./world.mjs";

const { CloudAPIError, CloudConfigError, CloudResponseError } = cloudEdge;
const { version } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));

const client = (config = {}) => new AssistantCloud({ ...key, ...config });
const row = {
  id: "thread_01", project_id: "proj", workspace_id: "w", title: null, last_message_at: "2026-09-04T12:00:00.000Z",
  created_at: "2026-09-04T11:00:00.000Z", updated_at: "2026-09-04T12:00:00.001Z", is_archived: false, external_id: null,
  metadata: { a: "1" }, surprise: true,
};

/** The one request made. @param {any} fetch */
const request = (fetch) => {
  assert.equal(fetch.mock.callCount(), 1);
  const [url, init] = fetch.mock.calls[0].arguments;
  return { url, ...init };
};

describe("a request", () => {
  test("carries key, user, workspace and SDK, and a JSON content type even without a body", async () => {
    const fetch = installFetch(noThreads());
    await client().threads.list();
    const { url, ...init } = request(fetch);
    assert.ok(url instanceof URL);
    assert.equal(url.href, `${baseUrl}/v1/threads`);
    assert.deepEqual(init, {
      method: "GET",
      headers: {
        Authorization: "Bearer sk_aui_x", "Aui-User-Id": "u", "Aui-Workspace-Id": "w",
        "Content-Type": "application/json", "Aui-Sdk": `assistant-cloud/${version}`,
      },
      body: null,
    });
  });

  test("drops what is undefined or false from a query, but not the archive filter", async () => {
    const fetch = installFetch(noThreads());
    const more = /** @type {any} */ ({ empty: null, no: false, yes: true });
    await client().threads.list({ is_archived: false, limit: 5, after: undefined, ...more });
    assert.equal(request(fetch).url.search, "?is_archived=false&limit=5&yes=true");
  });

  test("sends a body as JSON, without what is undefined in it", async () => {
    const fetch = installFetch(answer({ thread_id: "t" }, { status: 201 }));
    const body = { last_message_at: new Date(0), title: undefined, metadata: { a: "1" } };
    assert.deepEqual(await client().threads.create(body), { thread_id: "t" });
    assert.equal(request(fetch).body, '{"last_message_at":"1970-01-01T00:00:00.000Z","metadata":{"a":"1"}}');
  });

  for (const [given, sent] of [["https://x.test/api/", "https://x.test/api/v1/threads"], ["https://x.test//", "https://x.test//v1/threads"], ["http://localhost:8787", "http://localhost:8787/v1/threads"]]) {
    test(`to ${given} loses one trailing slash and no path`, async () => {
      const fetch = installFetch(noThreads());
      await client({ baseUrl: given }).threads.list();
      assert.equal(request(fetch).url.href, sent);
    });
  }

  test("names its thread as encodeURIComponent would", async () => {
    for (const id of ["a/b c", "ü?#", "thread_0", "../x", "%2F", "{}"]) {
      const fetch = installFetch(answer({ thread: row }));
      await client().threads.get(id);
      assert.equal(request(fetch).url.href, `${baseUrl}/v1/threads/${encodeURIComponent(id)}`);
    }
  });

  test("reaches every method's own route", async () => {
    const cloud = client();
    /** @type {[() => Promise<unknown>, string, string, unknown][]} */
    const calls = [
      [() => cloud.threads.get("t"), "GET", "/v1/threads/t", { thread: row }],
      [() => cloud.threads.update("t", { is_archived: true }), "PUT", "/v1/threads/t", {}],
      [() => cloud.threads.delete("t"), "DELETE", "/v1/threads/t", {}],
      [() => cloud.auth.tokens.create(), "POST", "/v1/auth/tokens", { token: "x" }],
    ];
    for (const [call, method, path, body] of calls) {
      const fetch = installFetch(answer(body));
      await call();
      const sent = request(fetch);
      assert.deepEqual([sent.method, sent.url.pathname], [method, path]);
    }
  });

  test("names each registered SDK once, in order, and none that cannot travel in a header", async () => {
    const fetch = installFetch(noThreads());
    const { registerSdk, threads } = client();
    for (const [name, sdk] of [["a", "1"], [" b ", " 2 "], ["a", "1"], ["", "1"], ["c d", "1"], ["e", "1\n2"], ["f", "ü"]]) {
      registerSdk({ name: /** @type {string} */ (name), version: /** @type {string} */ (sdk) });
    }
    await threads.list();
    assert.equal(request(fetch).headers["Aui-Sdk"], `assistant-cloud/${version} a/1 b/2`);
  });

  test("with an API key ignores a token handed over", async () => {
    const fetch = installFetch(answer({ threads: [] }, { headers: { Authorization: `Bearer ${jwt()}` } }), noThreads());
    const cloud = client();
    await cloud.threads.list();
    cloud.auth.invalidate();
    await cloud.threads.list();
    assert.equal(fetch.mock.calls[1]?.arguments[1].headers.Authorization, "Bearer sk_aui_x");
    assert.deepEqual(cloud.auth.state, {
      status: "ready", userId: "u", workspaceId: "w", anonymous: false, claims: null, expiresAt: null, renewsAt: null,
      durable: null, clockSkew: 0,
    });
  });
});

describe("a request in Next", () => {
  /** What a fetch with those marks gets beside what any other gets. @param {object} marks */
  const additions = async (marks, /** @type {(cloud: AssistantCloud) => Promise<unknown>} */ call, /** @type {any[]} */ ...answers) => {
    const fetch = installFetch(...answers);
    Object.assign(globalThis.fetch, marks);
    await call(new AssistantCloud({ baseUrl, anonymous: true }));
    return fetch.mock.calls.map(({ arguments: [, init] }) => init.next);
  };
  const next = (/** @type {unknown} */ store) => ({ __nextPatched: true, __nextGetStaticStore: () => ({ getStore: () => store }) });
  const list = (/** @type {AssistantCloud} */ cloud) => cloud.threads.list();

  test("is not kept, whichever it is", async () => {
    const stored = { [storageKey]: JSON.stringify({ token: "r1", expires_at: farFuture }) };
    for (const [entries, call, last] of /** @type {[Record<string, string>, any, any][]} */ ([
      [{}, list, noThreads()],
      [stored, list, noThreads()],
      [{}, (/** @type {AssistantCloud} */ cloud) => cloud.runs.report(/** @type {any} */ ({})), answer({ run_id: "r" })],
      [{}, (/** @type {AssistantCloud} */ cloud) => cloud.runs.stream(/** @type {any} */ ({})), () => new Response("Title", { headers: { "Content-Type": "text/plain" } })],
    ])) {
      installStorage(entries);
      assert.deepEqual(await additions(next(undefined), call, grant(jwt()), last), [{ revalidate: 0 }, { revalidate: 0 }]);
    }
  });

  /** @type {[string | undefined, unknown][]} */
  const modes = [
    [undefined, { revalidate: 0 }], ["auto", { revalidate: 0 }], ["default-cache", { revalidate: 0 }], ["only-cache", { revalidate: 0 }],
    ["force-cache", { internal: true }], ["only-no-store", undefined],
  ];
  for (const [fetchCache, wish] of modes) {
    test(`is not kept with fetchCache ${fetchCache}`, async () => {
      assert.deepEqual(await additions(next({ fetchCache }), list, grant(jwt()), noThreads()), [wish, wish]);
    });
  }

  test("is asked anew each time, by a signal of its own where the caller has none", async () => {
    for (const fetchCache of [undefined, "force-cache", "only-no-store"]) {
      const fetch = installFetch(noThreads());
      Object.assign(globalThis.fetch, next({ fetchCache }));
      const { signal } = new AbortController();
      await client().threads.list();
      await client().threads.list({}, { signal });
      const [own, given] = fetch.mock.calls.map(({ arguments: [, init] }) => init.signal);
      assert.ok(own instanceof AbortSignal);
      assert.equal(given, signal);
    }
  });

  test("says nothing of it to any other fetch", async () => {
    for (const marks of [{}, { ...next({}), __nextPatched: false }]) {
      assert.deepEqual(await additions(marks, list, grant(jwt()), noThreads()), [undefined, undefined]);
      const fetch = installFetch(noThreads());
      await client().threads.list();
      assert.equal("signal" in request(fetch), false);
    }
  });
});

describe("an answer", () => {
  test("is a thread with dates, and an empty title for none", async () => {
    installFetch(answer({ thread: row }));
    assert.deepEqual(await client().threads.get("t"), {
      id: "thread_01", project_id: "proj", workspace_id: "w", title: "", last_message_at: new Date(row.last_message_at),
      created_at: new Date(row.created_at), updated_at: new Date(row.updated_at), is_archived: false, external_id: null,
      metadata: { a: "1" },
    });
  });

  test("is nothing with status 204, length 0 or blank, and then its text may not even be read", async () => {
    for (const nothing of [answer("x", { status: 204 }), answer("x", { headers: { "content-length": "0" } })]) {
      installFetch(nothing);
      assert.equal(await client().threads.delete("t"), undefined);
      assert.equal(nothing.text.mock.callCount(), 0);
    }
    installFetch(answer(" \n"));
    assert.equal(await client().threads.update("t", {}), undefined);
  });

  const without = (/** @type {string} */ field) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== field));
  /** @type {[string, unknown, string][]} */
  const broken = [
    ["nothing", "", '"thread response": expected an object'],
    ["an array", [], '"thread response": expected an object'],
    ["a bare thread", row, '"thread": expected an object'],
    ["a thread without an id", { thread: without("id") }, '"thread.id": expected a string'],
    ["a thread without an external id", { thread: without("external_id") }, '"thread.external_id": expected a string'],
    ["a numeric title", { thread: { ...row, title: 1 } }, '"thread.title": expected a string'],
    ["a boolean of SQLite", { thread: { ...row, is_archived: 0 } }, '"thread.is_archived": expected a boolean'],
    ...["2026-09-04T12:00:00Z", "2026-09-04T12:00:00.000+00:00", "2026-09-04 12:00:00.000Z", "2026-02-30T12:15:00.000Z", "2026-13-01T12:15:00Z",
      "2026-09-04T12:00:00.000000Z", "", 0, null, undefined].map((value) => /** @type {[string, unknown, string]} */ (
      [`a time of ${JSON.stringify(value)}`, { thread: { ...row, updated_at: value } }, '"thread.updated_at": expected a canonical ISO timestamp'])),
  ];
  for (const [name, body, expected] of broken) {
    test(`with ${name} breaks the contract`, async () => {
      installFetch(answer(body));
      await assert.rejects(client().threads.get("t"), (error) => {
        assert.ok(error instanceof CloudResponseError);
        assert.equal(`${error}`, `CloudResponseError: Invalid Assistant Cloud response for ${expected}`);
        return true;
      });
    });
  }

  test("of a list names the row that breaks the contract", async () => {
    installFetch(answer({ threads: [row, { ...row, id: 7 }] }), answer({ threads: {} }), answer({}), answer({ token: 1 }));
    const cloud = client();
    await assert.rejects(cloud.threads.list(), { message: 'Invalid Assistant Cloud response for "threads[1].id": expected a string' });
    await assert.rejects(cloud.threads.list(), { message: 'Invalid Assistant Cloud response for "threads": expected an array' });
    await assert.rejects(cloud.threads.create({ last_message_at: new Date() }), { message: 'Invalid Assistant Cloud response for "thread_id": expected a string' });
    await assert.rejects(cloud.auth.tokens.create(), { message: 'Invalid Assistant Cloud response for "token": expected a string' });
  });

  test("that is no JSON is a SyntaxError", async () => {
    installFetch(answer("<html>"));
    await assert.rejects(client().threads.list(), SyntaxError);
  });
});

describe("the same answers, given to the official client", () => {
  /** @type {[number, unknown][]} */
  const answers = [
    [200, { thread: row }], [200, { thread: { ...row, title: "x", external_id: "e", metadata: null } }], [204, ""],
    [404, { error: "Thread not found" }], [429, { error: "rate_limited" }], [400, { message: "no", details: [1] }], [400, { message: 5 }],
    [402, { error: "plan_limit_reached", plan: "free", cap: 1, period_end: "x" }], [400, { error: { deep: 1 }, message: "" }],
    [403, { error: "", message: "words" }], [502, "Bad Gateway"], [500, "null"], [500, "[1]"], [500, ""], [409, '"text"'],
  ];
  for (const [status, body] of answers) {
    test(`mean the same: ${status} ${JSON.stringify(body).slice(0, 60)}`, async () => {
      installFetch(() => answer(body, { status }));
      assert.deepEqual(await outcome(client().threads.get("t")), await outcome(new official.AssistantCloud(key).threads.get("t")));
    });
  }

  test("make the same requests", async () => {
    const fetch = installFetch((/** @type {any} */ url) => answer(String(url).endsWith("/t") ? { thread: row } : { threads: [], thread_id: "t", token: "x" }));
    /** @type {any[]} */
    const seen = [];
    for (const { AssistantCloud: Cloud } of [cloudEdge, official]) {
      const cloud = new Cloud(key);
      await cloud.threads.list();
      await cloud.threads.list({ is_archived: true, limit: 3, after: "x y&z" });
      await cloud.threads.get("t");
      await cloud.threads.create({ last_message_at: new Date(5), external_id: undefined, metadata: { a: [1] } });
      await cloud.threads.update("t", { title: "ü", last_message_at: new Date(6) });
      await cloud.threads.delete("t");
      await cloud.auth.tokens.create();
      seen.push(fetch.mock.calls.splice(0).map(({ arguments: [url, init] }) => {
        const { "Aui-Sdk": _sdk, ...headers } = init.headers;
        return [String(url), { ...init, headers }];
      }));
      fetch.mock.resetCalls();
    }
    assert.equal(seen[0].length, 7);
    assert.deepEqual(seen[0], seen[1]);
  });
});

describe("a refusal", () => {
  test("is an error with status, code and details", async () => {
    installFetch(answer({ error: "plan_limit_reached", plan: "free", cap: 1 }, { status: 402 }));
    await assert.rejects(client().threads.get("t"), (/** @type {any} */ error) => {
      assert.ok(error instanceof CloudAPIError && error instanceof Error);
      assert.deepEqual([error.name, error.status, error.code, error.details], ["CloudAPIError", 402, "plan_limit_reached", { plan: "free", cap: 1 }]);
      return true;
    });
  });

  test("without words for itself has neither code nor details", async () => {
    installFetch(answer("Bad Gateway", { status: 502 }));
    await assert.rejects(client().threads.get("t"), (/** @type {any} */ error) => {
      assert.equal(error.message, "Request failed with status 502, Bad Gateway");
      assert.deepEqual([error.code, error.details], [undefined, undefined]);
      return true;
    });
  });
});

describe("a configuration", () => {
  const authToken = async () => null;
  /** @type {[string, any, string][]} */
  const bad = [
    ["nothing", undefined, "ERR_INVALID_CONFIG"],
    ["null", null, "ERR_INVALID_CONFIG"],
    ["only a base URL", { baseUrl }, "ERR_INVALID_CONFIG"],
    ["a callback that is none", { baseUrl, authToken: "token" }, "ERR_INVALID_CONFIG"],
    ["anonymous: false", { baseUrl, anonymous: false }, "ERR_INVALID_CONFIG"],
    ["a key without a user", { baseUrl, apiKey: "k", workspaceId: "w" }, "ERR_INVALID_CONFIG"],
    ["a key without a workspace", { baseUrl, apiKey: "k", userId: "u", workspaceId: "" }, "ERR_INVALID_CONFIG"],
    ["a key without a base URL", { apiKey: "k", userId: "u", workspaceId: "w" }, "ERR_MISSING_BASE_URL"],
    ["a callback without a base URL", { authToken }, "ERR_MISSING_BASE_URL"],
    ["an empty base URL", { baseUrl: "", anonymous: true }, "ERR_MISSING_BASE_URL"],
    ["a relative base URL", { baseUrl: "/api", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL of another kind", { baseUrl: "ftp://x.test", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL with a query", { baseUrl: "https://x.test/?a=1", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL with an empty query", { baseUrl: "https://x.test/?", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL with a fragment", { baseUrl: "https://x.test/#a", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL that names no host", { baseUrl: "https://", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL with a space before it", { baseUrl: " https://x.test", anonymous: true }, "ERR_INVALID_BASE_URL"],
    ["a base URL that is no text", { baseUrl: new URL(baseUrl), anonymous: true }, "ERR_INVALID_BASE_URL"],
  ];
  for (const [name, config, code] of bad) {
    test(`with ${name} is refused`, () => {
      assert.throws(() => new AssistantCloud(config), (/** @type {any} */ error) => {
        assert.ok(error instanceof CloudConfigError && error instanceof TypeError);
        assert.equal(error.name, "CloudConfigError");
        assert.equal(error.code, code);
        return true;
      });
    });
  }

  for (const good of ["http://127.0.0.1:8787", "HTTPS://X.test/path/", "https://[::1]/a%20b"]) {
    test(`may name the server as ${good}`, () => void client({ baseUrl: good }).threads);
  }

  for (const wrong of ["https://", "http://", "https:x.test", "//x.test"]) {
    test(`may not name the server as ${wrong}`, () => {
      assert.throws(() => client({ baseUrl: wrong }), { code: "ERR_INVALID_BASE_URL" });
    });
  }

  for (const wrong of ["http://x:port", "https://1.2.3.4.5", "https://x y", "https:// x"]) {
    test(`is told at the first use that ${wrong} is no address`, () => {
      const cloud = client({ baseUrl: wrong });
      assert.throws(() => cloud.threads, { code: "ERR_INVALID_BASE_URL" });
      assert.throws(() => cloud.auth, { code: "ERR_INVALID_BASE_URL" });
    });
  }

  test("can be wrapped by a proxy, inherited from, spread and changed", async () => {
    installFetch(noThreads);
    const cloud = client({ baseUrl });
    for (const other of [new Proxy(cloud, {}), Object.create(cloud), { ...cloud }]) {
      assert.deepEqual(await other.threads.list(), { threads: [] });
    }
    const mine = { list: () => "mine" };
    Object.assign(cloud, { threads: mine });
    assert.equal(cloud.threads, mine);
  });

  /** @type {[any, any][]} */
  const telemetry = [
    [undefined, { enabled: true }], [true, { enabled: true }], [false, { enabled: false }],
    [{ events: false }, { events: false, enabled: true }], [{ enabled: undefined, tags: ["a"] }, { enabled: true, tags: ["a"] }],
    [{ enabled: false, release: "1" }, { enabled: false, release: "1" }],
  ];
  for (const [given, expected] of telemetry) {
    test(`with telemetry ${JSON.stringify(given)} can be changed afterwards`, () => {
      const cloud = client({ telemetry: given });
      assert.deepEqual(cloud.telemetry, expected);
      cloud.telemetry.enabled = false;
      assert.equal(cloud.telemetry.enabled, false);
    });
  }

  test("gives a client whose parts stay the same, and asks nobody anything", () => {
    const fetch = installFetch();
    const authCallback = mock.fn(authToken);
    const cloud = new AssistantCloud({ baseUrl, authToken: authCallback });
    assert.equal(cloud.threads, cloud.threads);
    assert.equal(cloud.auth, cloud.auth);
    assert.equal(cloud.auth.tokens, cloud.auth.tokens);
    assert.ok(cloud instanceof AssistantCloud);
    assert.equal(fetch.mock.callCount() + authCallback.mock.callCount(), 0);
  });

  test("gives a client that looks at nothing of the page until it is used, whatever becomes of the configuration", async () => {
    const { storage } = installStorage();
    const localStorage = mock.fn(() => storage);
    defineGlobal("localStorage", { get: localStorage });
    const config = { baseUrl, anonymous: /** @type {const} */ (true) };
    const cloud = new AssistantCloud(config);
    assert.equal(localStorage.mock.callCount(), 0);
    config.baseUrl = "https://other.test";
    const fetch = installFetch(answer({ access_token: jwt(), refresh_token: { token: "r", expires_at: farFuture } }));
    await cloud.auth.getToken();
    assert.equal(String(fetch.mock.calls[0]?.arguments[0]), `${baseUrl}/v1/auth/tokens/anonymous`);
    assert.ok(localStorage.mock.callCount() > 0);
  });

  test("gives a client whose parts are its own, to be copied and replaced as the official one's are", () => {
    const cloud = client();
    const names = Object.keys(new official.AssistantCloud(key)).sort();
    assert.deepEqual(Object.keys(cloud).sort(), names);
    assert.equal({ ...cloud }.threads, cloud.threads);
    const threads = { list: async () => ({ threads: [] }) };
    Object.assign(cloud, { threads });
    assert.equal(cloud.threads, threads);
  });
});
