// @ts-check
/** A visitor without an account: contract 3.1 to 3.5, and where this client keeps an identity that the official one drops. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, mock, test } from "node:test";
import {
  AssistantCloud, answer, baseUrl, cloudEdge, defineGlobal, farFuture, grant, installFetch, installStorage, jwt,
  lockName, noThreads, requests, settle, storageKey, urlOf,
} from "./world.mjs";

const { readAnonymousRefreshToken } = cloudEdge;
const mint = "POST /v1/auth/tokens/anonymous";
const refresh = "POST /v1/auth/tokens/refresh";
const list = "GET /v1/threads";

const stored = (token = "r1", expires_at = farFuture) => JSON.stringify({ token, expires_at });
const visitor = () => new AssistantCloud({ baseUrl, anonymous: true });

/** The token routes answered by `routes`, everything else with no threads. @param {Record<string, any>} routes */
const serve = (routes) =>
  installFetch((/** @type {any} */ url, /** @type {any} */ init) => {
    const route = routes[String(url).slice(baseUrl.length)];
    return typeof route === "function" ? route(url, init) : (route ?? noThreads());
  });

describe("reading the stored refresh token", () => {
  test("reads the token of its own base URL, trailing slash or not", () => {
    installStorage({ [storageKey]: stored() });
    assert.equal(readAnonymousRefreshToken(baseUrl), "r1");
    assert.equal(readAnonymousRefreshToken(`${baseUrl}/`), "r1");
    assert.equal(readAnonymousRefreshToken("https://other.test"), null);
  });

  test("gives none with 30 seconds or less to live", () => {
    mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 8, 4) });
    for (const [left, token] of /** @type {const} */ ([[30_001, "r1"], [30_000, null], [0, null], [-1, null]])) {
      installStorage({ [storageKey]: stored("r1", new Date(Date.now() + left).toISOString()) });
      assert.equal(readAnonymousRefreshToken(baseUrl), token, `${left} ms`);
    }
  });

  test("gives none where there is none, or no storage", () => {
    defineGlobal("localStorage", { value: undefined, writable: true });
    assert.equal(readAnonymousRefreshToken(baseUrl), null);
    installStorage();
    assert.equal(readAnonymousRefreshToken(baseUrl), null);
    installStorage({ [storageKey]: stored("r1", "no date") });
    assert.equal(readAnonymousRefreshToken(baseUrl), null);
  });
});

describe("a new identity", () => {
  for (const expiry of [farFuture, "2099-01-01T00:00:00Z", "2099-01-01T00:00:00+0000", "2099-01-01T00:00:00", "2099-01-01 00:00:00+00"]) {
    test(`is stored with its expiry as it came: ${expiry}`, async () => {
      const { values } = installStorage();
      const fetch = installFetch(grant(jwt(), { expires_at: expiry, more: 1, token: "r1" }), noThreads());
      await visitor().threads.list();
      assert.equal(values.get(storageKey), JSON.stringify({ token: "r1", expires_at: expiry }));
      const [url, init] = fetch.mock.calls[0]?.arguments ?? [];
      assert.equal(url, urlOf("/v1/auth/tokens/anonymous"));
      assert.ok(init.signal instanceof AbortSignal);
      assert.deepEqual(init, { method: "POST", signal: init.signal });
      assert.equal(fetch.mock.calls[1]?.arguments[1].headers.Authorization, `Bearer ${jwt()}`);
    });
  }

  test("needs no storage", async () => {
    defineGlobal("localStorage", { value: undefined, writable: true });
    installFetch(grant(jwt()), noThreads());
    assert.deepEqual(await visitor().threads.list(), { threads: [] });
  });

  test("comes where storage may not be touched", async () => {
    defineGlobal("localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
    installFetch(grant(jwt()), noThreads());
    assert.deepEqual(await visitor().threads.list(), { threads: [] });
  });

  test("comes where every method of storage throws, once for a client", async () => {
    const refuse = mock.fn(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    defineGlobal("localStorage", { value: { getItem: refuse, setItem: refuse, removeItem: refuse } });
    const fetch = serve({
      "/v1/auth/tokens/anonymous": () => grant(jwt({ exp: Date.now() / 1000 + 0.05 })),
      "/v1/auth/tokens/refresh": () => grant(jwt(), null),
    });
    const cloud = visitor();
    await cloud.threads.list();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await cloud.threads.list();
    assert.deepEqual(requests(fetch), [mint, list, refresh, list]);
  });

  test("replaces a legacy value that cannot be read", async () => {
    const { values } = installStorage({ "aui:refresh_token": "{" });
    installFetch(grant(jwt()), noThreads());
    await visitor().threads.list();
    assert.deepEqual([...values], [[storageKey, stored()]]);
  });

  const broken = [
    ["a refresh token that is no object", { access_token: jwt(), refresh_token: "r1" }, '"anonymous auth token response.refresh_token": expected an object'],
    ["no refresh token", { access_token: jwt() }, '"anonymous auth token response.refresh_token": expected an object'],
    ["an empty token", { access_token: jwt(), refresh_token: { token: "", expires_at: farFuture } }, '"anonymous auth token response.refresh_token.token": expected a non-empty string'],
    ["an empty expiry", { access_token: jwt(), refresh_token: { token: "r1", expires_at: "" } }, '"anonymous auth token response.refresh_token.expires_at": expected a non-empty string'],
    ["an access token that is no string", { access_token: 1, refresh_token: {} }, '"anonymous auth token response.access_token": expected a string'],
    ["an array", [], '"anonymous auth token response": expected an object'],
    ["no JSON", "<html>", '"anonymous auth token response": expected valid JSON'],
  ];
  for (const [name, body, expected] of broken) {
    test(`is not stored from an answer with ${name}`, async () => {
      const { storage } = installStorage();
      installFetch(answer(body));
      await assert.rejects(visitor().threads.list(), {
        name: "CloudResponseError",
        message: `Invalid Assistant Cloud response for ${expected}`,
      });
      assert.equal(/** @type {any} */ (storage.setItem).mock.callCount(), 0);
    });
  }

  test("works on a device whose clock is a day fast or slow, for as long as it should", async () => {
    mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 8, 4) });
    for (const skew of [-86_400, 86_400]) {
      installStorage();
      const iat = Date.now() / 1000 + skew;
      installFetch(grant(jwt({ iat, exp: iat + 300 })), noThreads());
      const cloud = visitor();
      await cloud.threads.list();
      // Dates in tokens are rounded down, and a device whose clock is wrong cannot know by how much.
      assert.ok([299_000, 300_000].includes(Number(cloud.auth.state.expiresAt) - Date.now()));
    }
  });

  test("that is refused fails with the status that refused it", async () => {
    installFetch(answer({ error: "Anonymous access is not allowed" }, { status: 403 }));
    await assert.rejects(visitor().threads.list(), {
      name: "CloudAuthError", code: "ERR_ANONYMOUS_FAILED", message: "Authorization failed", status: 403,
    });
  });
});

describe("a stored identity", () => {
  test("is refreshed, and kept as it is when the answer brings no other token", async () => {
    const { storage } = installStorage({ [storageKey]: stored() });
    const fetch = installFetch(grant(jwt(), null), noThreads());
    await visitor().threads.list();
    const [url, init] = fetch.mock.calls[0]?.arguments ?? [];
    assert.equal(url, urlOf("/v1/auth/tokens/refresh"));
    assert.deepEqual(init, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"refresh_token":"r1"}',
      signal: init.signal,
    });
    assert.equal(/** @type {any} */ (storage.setItem).mock.callCount(), 0);
  });

  test("is refreshed within the call, before anything is awaited", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    installStorage({ [storageKey]: stored() });
    const fetch = installFetch(() => new Promise(() => {}));
    void visitor().threads.list();
    assert.deepEqual(requests(fetch), [refresh]);
  });

  test("takes a rotated refresh token", async () => {
    const { values } = installStorage({ [storageKey]: stored() });
    installFetch(grant(jwt(), { token: "r2", expires_at: farFuture }), noThreads());
    await visitor().threads.list();
    assert.equal(values.get(storageKey), stored("r2"));
  });

  test("survives a malformed answer, without becoming another", async () => {
    const { values } = installStorage({ [storageKey]: stored() });
    const fetch = installFetch(answer({ access_token: 123 }));
    await assert.rejects(visitor().threads.list(), {
      message: 'Invalid Assistant Cloud response for "refresh auth token response.access_token": expected a string',
    });
    assert.deepEqual(requests(fetch), [refresh]);
    assert.equal(values.get(storageKey), stored());
  });

  for (const status of [429, 500, 502, 503, 520]) {
    test(`survives a status of ${status}`, async () => {
      const { values } = installStorage({ [storageKey]: stored() });
      const fetch = installFetch(answer("busy", { status }));
      await assert.rejects(visitor().threads.list(), {
        code: "ERR_REFRESH_FAILED", status, message: `Assistant Cloud token refresh failed with status ${status}`,
      });
      assert.deepEqual(requests(fetch), [refresh]);
      assert.equal(values.get(storageKey), stored());
    });
  }

  /** Where the official client makes a new visitor. @type {[number, unknown][]} */
  const indefinite = [
    [401, undefined], [403, undefined], [403, "<html>Sign in to the airport</html>"], [400, { error: "Schema validation error" }],
    [403, { error: "Anonymous access is not allowed" }], [404, { error: "Project not found" }], [408, undefined],
    [409, undefined], [403, { error: { message: "Invalid refresh token" } }], [403, null],
  ];
  for (const [status, body] of indefinite) {
    test(`survives a ${status} that says ${JSON.stringify(body)}`, async () => {
      const { values } = installStorage({ [storageKey]: stored() });
      const fetch = installFetch(answer(body, { status }));
      await assert.rejects(visitor().threads.list(), { code: "ERR_REFRESH_REFUSED", status });
      assert.deepEqual(requests(fetch), [refresh]);
      assert.equal(values.get(storageKey), stored());
    });
  }

  test("survives a network that is down", async () => {
    const { values } = installStorage({ [storageKey]: stored() });
    const failure = new TypeError("Failed to fetch");
    installFetch(failure);
    await assert.rejects(visitor().threads.list(), (error) => error === failure);
    assert.equal(values.get(storageKey), stored());
  });

  for (const [status, error] of /** @type {const} */ ([[401, "Invalid refresh token"], [403, "Invalid refresh token"], [403, "Invalid refresh token format"]])) {
    test(`is replaced after ${status} "${error}"`, async () => {
      const { values } = installStorage({ [storageKey]: stored() });
      const fetch = installFetch(answer({ error }, { status }), grant(jwt(), { token: "r2", expires_at: farFuture }), noThreads());
      await visitor().threads.list();
      assert.deepEqual(requests(fetch), [refresh, mint, list]);
      assert.equal(values.get(storageKey), stored("r2"));
    });
  }

  test("stays until its replacement is there", async () => {
    const { values } = installStorage({ [storageKey]: stored() });
    installFetch(answer({ error: "Invalid refresh token" }, { status: 403 }), answer("", { status: 503 }));
    await assert.rejects(visitor().threads.list(), { message: "Authorization failed", status: 503 });
    assert.equal(values.get(storageKey), stored());
  });

  test("that a clock a month fast holds expired is still the server's to judge", async () => {
    const { values } = installStorage({ [storageKey]: stored("r1", "2020-01-01") });
    const fetch = installFetch(grant(jwt(), null), noThreads());
    await visitor().threads.list();
    assert.deepEqual(requests(fetch), [refresh, list]);
    assert.equal(values.get(storageKey), stored("r1", "2020-01-01"));
  });

  test("that cannot be read is as good as none", async () => {
    for (const value of ["{", "null", '"r1"', '{"token":5}', '{"token":""}']) {
      installStorage({ [storageKey]: value });
      const fetch = installFetch(grant(jwt()), noThreads());
      await visitor().threads.list();
      assert.deepEqual(requests(fetch), [mint, list], value);
    }
  });
});

describe("keys", () => {
  test("each server has an identity of its own", async () => {
    const { values } = installStorage();
    installFetch((/** @type {any} */ url) =>
      String(url).includes("tokens") ? grant(jwt(), { token: new URL(url).host, expires_at: farFuture }) : noThreads());
    for (const host of ["a.test", "b.test"]) {
      await new AssistantCloud({ baseUrl: `https://${host}/`, anonymous: true }).threads.list();
      assert.equal(values.get(`aui:refresh_token:https://${host}`), stored(host));
    }
  });

  test("the legacy token moves to the first server that asks", async () => {
    const legacy = '{"expires_at":"2099-01-01","token":"old"}';
    const { values } = installStorage({ "aui:refresh_token": legacy });
    const fetch = installFetch(grant(jwt(), null), noThreads(), grant(jwt()), noThreads());
    await visitor().threads.list();
    assert.equal(fetch.mock.calls[0]?.arguments[1].body, '{"refresh_token":"old"}');
    assert.deepEqual([...values], [[storageKey, legacy]]);
    await new AssistantCloud({ baseUrl: "https://b.test", anonymous: true }).threads.list();
    assert.match(String(fetch.mock.calls[2]?.arguments[0]), /^https:\/\/b\.test\/.*anonymous$/);
  });

  test("the legacy token retires where there is a newer one, and stays where there is no room", async () => {
    const { values } = installStorage({ "aui:refresh_token": stored("old"), [storageKey]: stored("new") });
    const fetch = serve({ "/v1/auth/tokens/refresh": () => grant(jwt(), null) });
    await visitor().threads.list();
    assert.equal(fetch.mock.calls[0]?.arguments[1].body, '{"refresh_token":"new"}');
    assert.deepEqual([...values.keys()], [storageKey]);

    const full = installStorage({ "aui:refresh_token": stored("old") });
    full.storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const again = serve({ "/v1/auth/tokens/refresh": () => grant(jwt(), null) });
    await visitor().threads.list();
    assert.deepEqual(requests(again), [refresh, list]);
    assert.equal(full.values.get("aui:refresh_token"), stored("old"));
  });
});

describe("sharing", () => {
  /** Web Locks of one browser, without the browser. */
  const installLocks = () => {
    let tail = Promise.resolve();
    const request = mock.fn((/** @type {string} */ _name, /** @type {() => any} */ callback) => {
      const held = tail.then(callback);
      tail = held.then(() => {}, () => {});
      return held;
    });
    defineGlobal("navigator", { value: { locks: { request } }, writable: true });
    return request;
  };

  test("calls at once make one request", async () => {
    defineGlobal("localStorage", { value: undefined, writable: true });
    const fetch = serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    const cloud = visitor();
    await Promise.all(Array.from({ length: 100 }, () => cloud.threads.list()));
    assert.equal(requests(fetch).filter((request) => request === mint).length, 1);
  });

  test("clients of one page make one request", async () => {
    const { values } = installStorage();
    const fetch = serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    await Promise.all([visitor(), visitor(), visitor()].map((cloud) => cloud.threads.list()));
    assert.deepEqual(requests(fetch), [mint, list, list, list]);
    assert.equal(values.get(storageKey), stored());
  });

  test("clients without storage share nothing, and take no lock", async () => {
    defineGlobal("localStorage", { value: undefined, writable: true });
    const locks = installLocks();
    const fetch = serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    await Promise.all([visitor(), visitor()].map((cloud) => cloud.threads.list()));
    assert.equal(requests(fetch).filter((request) => request === mint).length, 2);
    assert.equal(locks.mock.callCount(), 0);
  });

  test("tabs wait for each other, and the second uses what the first has stored", async () => {
    const { values } = installStorage();
    const locks = installLocks();
    const fetch = serve({
      "/v1/auth/tokens/anonymous": () => grant(jwt()),
      "/v1/auth/tokens/refresh": () => grant(jwt(), { token: "r2", expires_at: farFuture }),
    });
    const elsewhere = createRequire(import.meta.url)("../../pkg/dist/index.cjs");
    await Promise.all([visitor(), new elsewhere.AssistantCloud({ baseUrl, anonymous: true })].map((cloud) => cloud.threads.list()));
    assert.deepEqual(requests(fetch).filter((request) => request !== list), [mint, refresh]);
    assert.equal(fetch.mock.calls.find(({ arguments: [url] }) => url === urlOf("/v1/auth/tokens/refresh"))?.arguments[1].body, '{"refresh_token":"r1"}');
    assert.equal(values.get(storageKey), stored("r2"));
    assert.equal(locks.mock.callCount(), 2);
    for (const { arguments: args } of locks.mock.calls) {
      assert.equal(args.length, 2);
      assert.equal(args[0], lockName);
    }
  });

  test("a tab that cannot see yet what another has stored waits for it", async () => {
    const { storage, values } = installStorage();
    const read = storage.getItem;
    let late = 0;
    // What another process has stored: there for the first tab, and for the second one some looks later.
    storage.getItem = mock.fn((key) => (key === storageKey && late-- > 0 ? null : read(key)));
    /** @type {string[]} */
    const held = [];
    let tail = Promise.resolve();
    const request = (/** @type {string} */ name, /** @type {any} */ options, /** @type {any} */ callback) => {
      if (callback) return Promise.resolve(void held.push(name));
      const run = tail.then(options);
      tail = run.then(() => void (late = 5), () => {});
      return run;
    };
    const query = async () => ({ held: held.map((name) => ({ name })) });
    defineGlobal("navigator", { value: { locks: { request, query } }, writable: true });
    const fetch = serve({
      "/v1/auth/tokens/anonymous": () => grant(jwt()),
      "/v1/auth/tokens/refresh": () => grant(jwt(), { token: "r2", expires_at: farFuture }),
    });
    const elsewhere = createRequire(import.meta.url)("../../pkg/dist/index.cjs");
    await Promise.all([visitor(), new elsewhere.AssistantCloud({ baseUrl, anonymous: true })].map((cloud) => cloud.threads.list()));
    assert.deepEqual(requests(fetch).filter((request) => request !== list), [mint, refresh]);
    assert.equal(values.get(storageKey), stored("r2"));
  });

  test("a tab says for two seconds that it has stored an identity, as long as another waits for it, and no longer", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    installStorage();
    /** @type {Promise<unknown> | null} */
    let announcement = null;
    const request = async (/** @type {string} */ name, /** @type {any} */ options, /** @type {any} */ callback) => {
      if (!callback) return options({});
      assert.equal(name, `assistant-cloud:anonymous-stored:${baseUrl}`);
      announcement = callback();
    };
    defineGlobal("navigator", { value: { locks: { request, query: async () => ({ held: [] }) } }, writable: true });
    serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    await visitor().threads.list();
    assert.ok(announcement);
    const isOver = mock.fn();
    void (/** @type {Promise<unknown>} */ (announcement).then(isOver));
    mock.timers.tick(1_999);
    await settle();
    assert.equal(isOver.mock.callCount(), 0);
    mock.timers.tick(1);
    await settle();
    assert.equal(isOver.mock.callCount(), 1);
  });

  test("a lock that the browser refuses is done without", async () => {
    installStorage();
    const request = mock.fn(async () => {
      throw new DOMException("opaque origin", "SecurityError");
    });
    defineGlobal("navigator", { value: { locks: { request } }, writable: true });
    const fetch = serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    await visitor().threads.list();
    assert.deepEqual(requests(fetch), [mint, list]);
    assert.equal(request.mock.callCount(), 1);
  });

  test("a lock that a frozen tab holds is waited for no longer than 30 seconds", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    installStorage();
    /** @type {() => any} */
    let grantLock = () => {};
    defineGlobal("navigator", {
      value: { locks: { request: (/** @type {string} */ _name, /** @type {any} */ callback) => new Promise(() => (grantLock = callback)) } },
      writable: true,
    });
    const fetch = serve({ "/v1/auth/tokens/anonymous": () => grant(jwt()) });
    const listed = visitor().threads.list();
    mock.timers.tick(29_999);
    await settle();
    assert.deepEqual(requests(fetch), []);
    mock.timers.tick(1);
    await listed;
    await grantLock();
    assert.deepEqual(requests(fetch), [mint, list]);
  });

  test("a failure reaches every caller as the same error, and the next call asks again", async () => {
    installStorage();
    const failure = new Error("no network");
    const fetch = installFetch(failure, grant(jwt()), noThreads());
    const outcomes = await Promise.allSettled([visitor(), visitor()].map((cloud) => cloud.threads.list()));
    for (const outcome of outcomes) assert.equal(/** @type {any} */ (outcome).reason, failure);
    assert.deepEqual(requests(fetch), [mint]);
    await visitor().threads.list();
    assert.deepEqual(requests(fetch), [mint, mint, list]);
  });
});

describe("deadlines", () => {
  for (const [name, entries, operation] of /** @type {const} */ ([
    ["a new identity", {}, "anonymous token request"],
    ["a refresh", { [storageKey]: stored() }, "refresh token request"],
  ])) {
    test(`${name} whose body does not come within 30 seconds is aborted, and changes nothing`, async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      const { values } = installStorage(entries);
      /** @type {AbortSignal | undefined} */
      let signal;
      /** @type {(body: unknown) => void} */
      let comeLate = () => {};
      installFetch(
        (/** @type {any} */ _url, /** @type {any} */ init) => {
          ({ signal } = init);
          return { ...answer({}), json: () => new Promise((resolve) => (comeLate = resolve)) };
        },
        grant(jwt(), { token: "r2", expires_at: farFuture }),
        noThreads(),
      );
      const cloud = visitor();
      const listed = assert.rejects(cloud.threads.list(), {
        code: "ERR_TOKEN_TIMEOUT", message: `Assistant Cloud ${operation} timed out after 30000ms`,
      });
      await settle();
      mock.timers.tick(29_999);
      assert.equal(signal?.aborted, false);
      mock.timers.tick(1);
      await listed;
      assert.equal(signal?.aborted, true);
      comeLate({ access_token: jwt(), refresh_token: { token: "late", expires_at: farFuture } });
      await settle();
      assert.deepEqual(Object.fromEntries(values), entries);
      await cloud.threads.list();
      assert.equal(values.get(storageKey), stored("r2"));
    });
  }
});
