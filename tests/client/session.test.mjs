// @ts-check
/** A user whose token the app hands over: contract 3.6, and what this client does better (contract 3.9, client-anchors b). */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import {
  AssistantCloud, answer, baseUrl, deferred, defineGlobal, grant, installFetch, jwt, noThreads, settle,
} from "./world.mjs";

const now = Date.UTC(2026, 8, 4, 12);
const seconds = now / 1000;

/** A client whose callback answers in turn; the last answer repeats. @param {...any} tokens */
function client(...tokens) {
  let turn = 0;
  const authToken = mock.fn(async () => {
    const token = tokens[Math.min(turn++, tokens.length - 1)];
    const result = typeof token === "function" ? await token() : token;
    if (result instanceof Error) throw result;
    return result;
  });
  const cloud = new AssistantCloud({ baseUrl, authToken });
  /** @type {any[]} */
  const events = [];
  for (const type of /** @type {const} */ (["token", "identity", "signedOut", "error", "clockSkew"])) cloud.auth.on(type, (event) => events.push(event));
  return { cloud, authToken, events, calls: () => authToken.mock.callCount() };
}

/** Time that only a test moves. */
const freeze = () => mock.timers.enable({ apis: ["Date", "setTimeout"], now });
const alice = (exp = seconds + 300, more = {}) => jwt({ iss: "https://id.test", sub: "alice", iat: exp - 300, exp, ...more });
const bob = () => jwt({ iss: "https://id.test", sub: "bob", iat: seconds, exp: seconds + 300 });
const workspaceToken = (sub = "alice", iat = seconds) =>
  jwt({ iss: baseUrl, sub, workspace_id: `w_${sub}`, iat, exp: iat + 300 });
const handingOver = (/** @type {string} */ value) => answer({ threads: [] }, { headers: { Authorization: value } });
/** @param {any} fetch */
const sent = (fetch) => fetch.mock.calls.map((/** @type {any} */ call) => call.arguments[1].headers.Authorization.slice(7));

describe("a token", () => {
  test("is fetched once and used until its last 30 seconds", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud, calls } = client(alice());
    assert.equal(calls(), 0);
    await Promise.all(Array.from({ length: 1000 }, () => cloud.threads.list()));
    mock.timers.tick(269_999);
    await cloud.threads.list();
    assert.equal(calls(), 1);
  });

  test("is used at once within its last 30 seconds, and renewed behind it", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const renewal = deferred();
    const { cloud, calls } = client(alice(), () => renewal.promise);
    await cloud.threads.list();
    mock.timers.tick(270_000);
    await Promise.all([cloud.threads.list(), cloud.threads.list()]);
    assert.deepEqual([calls(), sent(fetch)], [2, [alice(), alice(), alice()]]);
    renewal.resolve(alice(seconds + 600));
    await settle();
    await cloud.threads.list();
    assert.deepEqual([calls(), sent(fetch).at(-1)], [2, alice(seconds + 600)]);
  });

  test("is never sent at or after its expiry", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const { cloud } = client(alice(), alice(seconds + 600));
    await cloud.threads.list();
    mock.timers.setTime(now + 300_000);
    await cloud.threads.list();
    assert.deepEqual(sent(fetch), [alice(), alice(seconds + 600)]);
  });

  test("that seems expired on arrival is tried once: the server judges, and then it is an error", async () => {
    freeze();
    const fetch = installFetch(answer({ error: "JWT token has expired" }, { status: 401 }), noThreads());
    const { cloud, events, authToken } = client(alice(seconds), alice(seconds), alice());
    await assert.rejects(cloud.threads.list(), { name: "CloudAuthError", code: "ERR_TOKEN_EXPIRED" });
    assert.equal(cloud.auth.state.status, "failed");
    assert.equal(events.at(-1).error.code, "ERR_TOKEN_EXPIRED");
    assert.equal(fetch.mock.callCount(), 1);
    const [, [second]] = authToken.mock.calls.map((/** @type {any} */ call) => call.arguments);
    assert.deepEqual([second.reason, second.forceRefresh], ["rejected", true]);
    await cloud.threads.list();
  });

  const malformed = [
    ["not-a-token", "Error: Invalid JWT format"], ["a.b.c", "Error: Invalid JWT format"], ["a.bm8gSlNPTg.c", "Error: Invalid JWT format"],
    [42, "Error: Invalid JWT format"], [jwt({ exp: "1" }), 'Error: JWT does not contain a valid "exp" field'],
    [jwt({ exp: undefined }), 'Error: JWT does not contain a valid "exp" field'], ["a.bnVsbA.c", 'Error: JWT does not contain a valid "exp" field'],
  ];
  for (const [token, reason] of malformed) {
    test(`that cannot be read is an error which does not quote it: ${token}`, async () => {
      installFetch(noThreads);
      await assert.rejects(client(token).cloud.threads.list(), {
        code: "ERR_TOKEN_UNREADABLE", message: `Unable to determine the token expiry: ${reason}`,
      });
    });
  }

  test("shows names beyond Latin-1, and in base64 with padding", async () => {
    installFetch(noThreads);
    const payload = Buffer.from(JSON.stringify({ exp: 4_102_444_800, sub: "Zoë 林 ~~~~ ???? 🙂" })).toString("base64");
    for (const mark of ["+", "/", "="]) assert.ok(payload.includes(mark), mark);
    const { cloud } = client(`e30.${payload}.s`);
    await cloud.threads.list();
    assert.equal(cloud.auth.state.userId, "Zoë 林 ~~~~ ???? 🙂");
  });
});

describe("the callback", () => {
  test("that fails is asked again by the next call", async () => {
    installFetch(noThreads);
    const failure = new Error("offline");
    const { cloud, calls, events } = client(failure, jwt());
    await assert.rejects(cloud.threads.list(), (error) => error === failure);
    assert.deepEqual(events, [{ type: "error", error: failure, background: false }]);
    await cloud.threads.list();
    assert.equal(calls(), 2);
  });

  test("is told when the token was issued that the server has refused, and nothing of others", async () => {
    freeze();
    const refusal = answer({ error: "Invalid token" }, { status: 401 });
    const handed = handingOver(`Bearer ${workspaceToken("alice", seconds - 1)}`);
    const fetch = installFetch(handed, refusal, noThreads());
    const { cloud, authToken } = client(alice(seconds + 200), alice(seconds + 400), alice(seconds + 900));
    await cloud.threads.list();
    await cloud.threads.list();
    mock.timers.tick(280_000);
    await cloud.threads.list();
    assert.equal(fetch.mock.callCount(), 4);
    const told = authToken.mock.calls.map((/** @type {any} */ { arguments: [request] }) => [request.reason, request.rejectedTokenIssuedAt]);
    // That of the token which the callback gave, not of the one that the server made of it.
    assert.deepEqual(told, [["missing", undefined], ["rejected", seconds - 100], ["expiring", undefined]]);
    assert.equal("rejectedTokenIssuedAt" in /** @type {any} */ (authToken.mock.calls[2]?.arguments)[0], false);
  });

  test("is told nothing of a refused token that does not say when it was issued", async () => {
    installFetch(answer({ error: "Invalid token" }, { status: 401 }), noThreads());
    const { cloud, authToken } = client(jwt({ jti: "1" }), jwt({ jti: "2" }));
    await cloud.threads.list();
    const request = /** @type {any} */ (authToken.mock.calls[1]?.arguments)[0];
    assert.deepEqual([request.reason, "rejectedTokenIssuedAt" in request], ["rejected", false]);
  });

  test("that throws at once is the same as one that rejects", async () => {
    const failure = new Error("sync");
    const cloud = new AssistantCloud({ baseUrl, authToken: () => { throw failure; } });
    await assert.rejects(cloud.threads.list(), (error) => error === failure);
  });

  for (const nothing of [null, "", undefined]) {
    test(`that returns ${JSON.stringify(nothing)} says that nobody is signed in`, async () => {
      const fetch = installFetch(noThreads);
      const { cloud } = client(nothing);
      await assert.rejects(cloud.threads.list(), { code: "ERR_NO_TOKEN", message: "Authorization failed" });
      assert.equal(cloud.auth.state.status, "signedOut");
      assert.equal(fetch.mock.callCount(), 0);
    });
  }

  test("that returns null at a renewal takes the token in hand", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud, events } = client(alice(), null);
    await cloud.threads.list();
    mock.timers.tick(280_000);
    await cloud.threads.list();
    await settle();
    assert.equal(cloud.auth.state.status, "signedOut");
    assert.equal(cloud.auth.state.userId, null);
    await assert.rejects(cloud.threads.list(), { code: "ERR_NO_TOKEN" });
    assert.deepEqual(events.slice(0, 4).map(({ type }) => type), ["identity", "token", "identity", "signedOut"]);
    assert.deepEqual(events.at(-1), { type: "signedOut", reason: "authToken", previous: { userId: "alice", workspaceId: null, anonymous: false } });
  });

  test("has 30 seconds, after which the next call asks again and a late answer is ignored", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const late = deferred();
    const { cloud } = client(() => late.promise, alice());
    const listed = assert.rejects(cloud.threads.list(), {
      code: "ERR_TOKEN_TIMEOUT", message: "Assistant Cloud authToken callback timed out after 30000ms",
    });
    mock.timers.tick(30_000);
    await listed;
    late.resolve(bob());
    await settle();
    await cloud.threads.list();
    assert.deepEqual(sent(fetch), [alice()]);
  });

  test("may use the client itself without wedging it", async () => {
    freeze();
    installFetch(noThreads);
    /** @type {any} */
    const cloud = new AssistantCloud({
      baseUrl,
      authToken: async () => {
        await cloud.threads.list();
        return alice();
      },
    });
    const listed = assert.rejects(cloud.threads.list(), { code: "ERR_TOKEN_TIMEOUT" });
    mock.timers.tick(30_000);
    await listed;
  });

  test("that fails in the background is reported, not thrown, and pauses", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud, calls, events } = client(alice(), new Error("offline"));
    await cloud.threads.list();
    mock.timers.tick(275_000);
    await cloud.threads.list();
    await settle();
    await cloud.threads.list();
    assert.equal(calls(), 2);
    assert.equal(events.at(-1).background, true);
    assert.equal(cloud.auth.state.status, "ready");
    mock.timers.tick(10_000);
    await cloud.threads.list();
    assert.equal(calls(), 3);
  });
});

describe("a renewal leeway", () => {
  const token = alice(seconds + 100, { iat: seconds });
  /** When a token with 100 s left is renewed, in seconds after it came. */
  const renewal = async (/** @type {any} */ renewalLeeway, /** @type {object} */ mode = { authToken: async () => token }) => {
    freeze();
    installFetch((/** @type {any} */ url) => (/anonymous/.test(url) ? grant(token) : noThreads()));
    const cloud = new AssistantCloud(/** @type {any} */ ({ baseUrl, ...mode, renewalLeeway }));
    await cloud.threads.list();
    return (/** @type {number} */ (cloud.auth.state.renewsAt) - now) / 1000;
  };

  /** @type {[string, unknown, number][]} */
  const leeways = [
    ["none", undefined, 75], ["seconds", 10, 90], ["a fraction", 0.5, 99.5], ["half", 50, 50], ["more than half", 60, 50],
    ["a share", (/** @type {number} */ left) => left * 0.4, 60], ["a share that is too large", (/** @type {number} */ left) => left, 50],
    ["no number", () => "soon", 75], ["NaN", () => NaN, 75], ["nothing", () => undefined, 75], ["for ever", () => Infinity, 50],
  ];
  for (const [name, leeway, renewsAt] of leeways) {
    test(`of ${name} renews a token of 100 s after ${renewsAt} s`, async () => assert.equal(await renewal(leeway), renewsAt));
  }

  test("goes for a visitor's tokens as well", async () => assert.equal(await renewal(10, { anonymous: true }), 90));

  test("goes for a token that the server hands over", async () => {
    freeze();
    installFetch(handingOver(`Bearer ${workspaceToken()}`));
    const cloud = new AssistantCloud({ baseUrl, authToken: async () => alice(), renewalLeeway: (left) => left / 3 });
    await cloud.threads.list();
    assert.equal(cloud.auth.state.renewsAt, now + 200_000);
  });

  test("of 0 or less leaves renewal to the call that needs it", async () => {
    for (const leeway of [0, () => -1]) {
      freeze();
      installFetch(noThreads);
      const authToken = mock.fn(async () => alice(Math.floor(Date.now() / 1000) + 100));
      const cloud = new AssistantCloud({ baseUrl, authToken, renewalLeeway: leeway });
      await cloud.threads.list();
      assert.equal(cloud.auth.state.renewsAt, null);
      for (const [wait, calls] of /** @type {const} */ ([[99_999, 1], [1, 2]])) {
        mock.timers.tick(wait);
        await cloud.threads.list();
        assert.equal(authToken.mock.callCount(), calls);
      }
      mock.timers.reset();
    }
  });

  test("that cannot be told is the default, and what it throws is reported", async () => {
    const failure = new Error("no idea");
    const report = mock.fn();
    defineGlobal("reportError", { value: report });
    assert.equal(await renewal(() => { throw failure; }), 75);
    assert.deepEqual(report.mock.calls.map(({ arguments: [error] }) => error), [failure]);
  });

  for (const leeway of [-1, NaN, Infinity, "30", null, {}]) {
    test(`of ${String(leeway)} is refused`, () => {
      assert.throws(() => new AssistantCloud(/** @type {any} */ ({ baseUrl, anonymous: true, renewalLeeway: leeway })), {
        name: "CloudConfigError", code: "ERR_INVALID_CONFIG",
      });
    });
  }
});

describe("a call with a signal", () => {
  test("ends when the signal says so, and the fetch that others wait for goes on", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const slow = deferred();
    const { cloud, calls } = client(() => slow.promise);
    const controller = new AbortController();
    const ended = assert.rejects(cloud.threads.list({}, { signal: controller.signal }), (error) => error === controller.signal.reason);
    const other = cloud.threads.list();
    const token = cloud.auth.getToken();
    controller.abort();
    await ended;
    slow.resolve(alice());
    await other;
    assert.equal(await token, alice());
    assert.deepEqual([calls(), fetch.mock.callCount()], [1, 1]);
  });

  test("that is aborted already asks nothing", async () => {
    const fetch = installFetch(noThreads);
    const { cloud, calls } = client(alice());
    await assert.rejects(cloud.threads.get("t", { signal: AbortSignal.abort() }), { name: "AbortError" });
    assert.deepEqual([calls(), fetch.mock.callCount()], [0, 0]);
  });

  /** Whatever asks the server. @type {Record<string, (cloud: AssistantCloud, options: import("../../pkg/index.js").CallOptions) => Promise<unknown>>} */
  const calls = {
    "threads.list": ({ threads }, options) => threads.list({}, options),
    "threads.get": ({ threads }, options) => threads.get("t", options),
    "threads.create": ({ threads }, options) => threads.create({ last_message_at: new Date(0) }, options),
    "threads.update": ({ threads }, options) => threads.update("t", {}, options),
    "threads.delete": ({ threads }, options) => threads.delete("t", options),
    "threads.claim": ({ threads }, options) => threads.claim({ refresh_token: "r" }, options),
    "messages.list": ({ threads }, options) => threads.messages.list("t", {}, options),
    "messages.create": ({ threads }, options) => threads.messages.create("t", { parent_id: null, format: "f", content: {} }, options),
    "messages.update": ({ threads }, options) => threads.messages.update("t", "m", { content: {} }, options),
    "messages.feedback": ({ threads }, options) => threads.messages.feedback("t", "m", { type: "positive" }, options),
    "projects.threads.list": ({ projects }, options) => projects.threads.list({}, options),
    "projects.threads.messages.list": ({ projects }, options) => projects.threads.messages.list("t", {}, options),
    "runs.stream": ({ runs }, options) => runs.stream({ thread_id: "t", assistant_id: "system/thread_title", messages: [] }, options),
    "runs.report": ({ runs }, options) => runs.report({ thread_id: "t", status: "completed" }, options),
    "files.generatePresignedUploadUrl": ({ files }, options) => files.generatePresignedUploadUrl({ filename: "f" }, options),
    "files.generatePresignedDownloadUrl": ({ files }, options) => files.generatePresignedDownloadUrl({ key: "k" }, options),
    "files.pdfToImages": ({ files }, options) => files.pdfToImages({}, options),
    "scores.create": ({ scores }, options) => scores.create({ name: "n", data_type: "numeric" }, options),
    "auth.tokens.create": ({ auth }, options) => auth.tokens.create(options),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} waits for the token no longer than that, and gives it to its own request`, async () => {
      freeze();
      const fetch = installFetch(answer({}));
      const slow = deferred();
      const { cloud } = client(() => slow.promise);
      const aborting = new AbortController();
      const ended = assert.rejects(call(cloud, { signal: aborting.signal }), (error) => error === aborting.signal.reason);
      const other = new AbortController();
      const goesOn = call(cloud, { signal: other.signal }).catch(() => {});
      aborting.abort();
      await ended;
      slow.resolve(alice());
      await goesOn;
      assert.deepEqual(fetch.mock.calls.map(({ arguments: [, init] }) => init.signal), [other.signal]);
    });
  }
});

describe("a session that is disposed of", () => {
  test("ends what is under way, tells the callback, and starts anew when it is used again", async () => {
    freeze();
    installFetch(noThreads);
    /** @type {AbortSignal | undefined} */
    let signal;
    let turn = 0;
    const cloud = new AssistantCloud({
      baseUrl,
      authToken: (/** @type {any} */ request) => {
        if (turn++ > 0) return Promise.resolve(alice());
        ({ signal } = request);
        return new Promise(() => {});
      },
    });
    const listed = assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    await settle();
    cloud.auth.dispose();
    await listed;
    assert.equal(signal?.aborted, true);
    assert.deepEqual(await cloud.threads.list(), { threads: [] });
  });
});

describe("a token handed over by a response", () => {
  test("is used from then on, and says which workspace it is", async () => {
    freeze();
    const fetch = installFetch(handingOver(`Bearer ${workspaceToken()}`), noThreads());
    const { cloud, calls, events } = client(alice(seconds + 3600, { iat: seconds }));
    await cloud.threads.list();
    assert.deepEqual([cloud.auth.state.userId, cloud.auth.state.workspaceId], ["alice", "w_alice"]);
    await cloud.threads.list();
    assert.deepEqual(sent(fetch), [alice(seconds + 3600, { iat: seconds }), workspaceToken()]);
    assert.equal(calls(), 1);
    assert.deepEqual(events.map(({ type, source }) => source ?? type), ["identity", "authToken", "identity", "response"]);
  });

  test("keeps the workspace known when the provider's token is renewed", async () => {
    freeze();
    installFetch(handingOver(`Bearer ${workspaceToken()}`), noThreads());
    const { cloud, events } = client(alice(seconds + 3600), alice(seconds + 7200));
    await cloud.threads.list();
    mock.timers.tick(280_000);
    await cloud.threads.list();
    await settle();
    assert.equal(cloud.auth.state.workspaceId, "w_alice");
    assert.equal(events.filter(({ type }) => type === "identity").length, 2);
  });

  for (const value of ["Bearer malformed", `Basic ${workspaceToken()}`, "Bearer", `Bearer ${jwt({ exp: "soon" })}`, `Bearer ${jwt({ exp: 1 })}`]) {
    test(`never fails a request that the server has done: ${value.slice(0, 20)}`, async () => {
      const fetch = installFetch(handingOver(value));
      const { cloud } = client(jwt());
      assert.deepEqual(await cloud.threads.list(), { threads: [] });
      await cloud.threads.list();
      assert.deepEqual(sent(fetch), [jwt(), jwt()]);
    });
  }

  test("comes with a refusal as well", async () => {
    freeze();
    installFetch(answer({ error: "Thread not found" }, { status: 404, headers: { Authorization: `Bearer ${workspaceToken()}` } }));
    const { cloud } = client(alice());
    await assert.rejects(cloud.threads.get("t"), { status: 404 });
    assert.equal(cloud.auth.state.workspaceId, "w_alice");
  });

  test("does not replace a newer one", async () => {
    freeze();
    const slow = deferred();
    installFetch(() => slow.promise, handingOver(`Bearer ${workspaceToken("alice", seconds + 1)}`));
    const { cloud } = client(alice());
    const first = cloud.threads.list();
    await settle();
    await cloud.threads.list();
    slow.resolve(handingOver(`Bearer ${workspaceToken()}`));
    await first;
    assert.equal(cloud.auth.state.claims?.iat, seconds + 1);
  });

  test("is dated by the local clock, because it is known to be fresh", async () => {
    freeze();
    installFetch(handingOver(`Bearer ${workspaceToken("alice", seconds - 86_400)}`));
    const { cloud } = client(alice(seconds + 3600));
    await cloud.threads.list();
    assert.equal(cloud.auth.state.expiresAt, now + 299_000);
    assert.equal(cloud.auth.state.renewsAt, now + 269_000);
    assert.equal(cloud.auth.state.clockSkew, 86_399_000);
  });
});

describe("a change of user", () => {
  test("by invalidate(): the token is forgotten, an answer on its way restores nothing", async () => {
    freeze();
    const slow = deferred();
    const fetch = installFetch(() => slow.promise, noThreads());
    const { cloud } = client(alice(), bob());
    const first = cloud.threads.list();
    await settle();
    cloud.auth.invalidate();
    assert.deepEqual(cloud.auth.state, {
      status: "idle", userId: null, workspaceId: null, anonymous: false, claims: null, expiresAt: null, renewsAt: null,
      durable: null, clockSkew: 0,
    });
    slow.resolve(handingOver(`Bearer ${workspaceToken("alice")}`));
    await assert.rejects(first, { code: "ERR_INVALIDATED" });
    assert.equal(cloud.auth.state.status, "idle");
    await cloud.threads.list();
    assert.deepEqual(sent(fetch), [alice(), bob()]);
  });

  test("by invalidate(): a call that waits for the old user's token is told, and sends nothing", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const slow = deferred();
    const { cloud, events } = client(() => slow.promise, bob());
    const first = assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    await settle();
    cloud.auth.invalidate();
    await first;
    const second = cloud.threads.list();
    slow.resolve(alice());
    await second;
    await settle();
    assert.deepEqual(sent(fetch), [bob()]);
    assert.equal(cloud.auth.state.userId, "bob");
    assert.ok(!events.some(({ userId }) => userId === "alice"));
  });

  test("by invalidate() in the moment a token arrives: nothing is sent in the old user's name", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const { cloud } = client(alice());
    cloud.auth.on("token", () => cloud.auth.invalidate());
    await assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    assert.equal(fetch.mock.callCount(), 0);
  });

  test("by invalidate() between a call and its request: nothing is sent in the old user's name", async () => {
    freeze();
    const fetch = installFetch(noThreads);
    const { cloud } = client(alice());
    await cloud.threads.list();
    const second = assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    cloud.auth.invalidate();
    await second;
    assert.equal(fetch.mock.callCount(), 1);
  });

  test("by invalidate(): what the old user's callback fails with afterwards is no news", async () => {
    installFetch(noThreads);
    const slow = deferred();
    const { cloud, events } = client(() => slow.promise);
    const first = assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    cloud.auth.invalidate();
    slow.reject(new Error("too late"));
    await first;
    await settle();
    assert.deepEqual(events, []);
    assert.equal(cloud.auth.state.status, "idle");
  });

  test("seen in the token itself: the old user's answers are discarded and listeners are told", async () => {
    freeze();
    const slow = deferred();
    const fetch = installFetch(() => slow.promise, noThreads);
    const { cloud, events } = client(alice(), bob());
    const first = cloud.threads.list();
    await settle();
    mock.timers.tick(280_000);
    await cloud.threads.list();
    await settle();
    slow.resolve(handingOver(`Bearer ${workspaceToken("alice", seconds + 280)}`));
    await assert.rejects(first, { code: "ERR_IDENTITY_CHANGED" });
    mock.timers.tick(1);
    await cloud.threads.list();
    assert.equal(sent(fetch).at(-1), bob());
    const { userId, previous } = events.filter(({ type }) => type === "identity").at(-1);
    assert.deepEqual([userId, previous.userId], ["bob", "alice"]);
  });
});

describe("listeners", () => {
  test("stop when told to, one registration at a time", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud } = client(alice());
    const listener = mock.fn();
    const stop = cloud.auth.on("token", listener);
    cloud.auth.on("token", listener);
    stop();
    stop();
    await cloud.threads.list();
    assert.equal(listener.mock.callCount(), 1);
  });

  test("that throw reach the console, and nobody else", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud } = client(alice());
    const report = mock.fn();
    defineGlobal("reportError", { value: report });
    const failure = new Error("listener");
    const after = mock.fn();
    cloud.auth.on("token", () => { throw failure; });
    cloud.auth.on("token", after);
    await cloud.threads.list();
    assert.deepEqual(report.mock.calls[0]?.arguments, [failure]);
    assert.equal(after.mock.callCount(), 1);
  });

  test("see no token, and neither does the state", async () => {
    freeze();
    installFetch(handingOver(`Bearer ${workspaceToken()}`));
    const { cloud, events } = client(alice());
    await cloud.threads.list();
    const [, , signature] = alice().split(".");
    const seen = JSON.stringify([events, cloud.auth.state]);
    for (const token of [alice(), workspaceToken()]) assert.ok(!seen.includes(token.slice(10, 60)));
    assert.ok(!seen.includes(`"${signature}"`));
  });
});

describe("the state", () => {
  test("is one object until something changes, and cannot be written to", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud } = client(alice());
    const idle = cloud.auth.state;
    assert.equal(cloud.auth.state, idle);
    assert.equal(idle.status, "idle");
    const listed = cloud.threads.list();
    assert.equal(cloud.auth.state.status, "pending");
    await listed;
    assert.deepEqual({ ...cloud.auth.state, claims: null }, {
      status: "ready", userId: "alice", workspaceId: null, anonymous: false, claims: null,
      expiresAt: now + 300_000, renewsAt: now + 270_000, durable: null, clockSkew: 0,
    });
    assert.equal(cloud.auth.state.claims?.iss, "https://id.test");
    assert.throws(() => Object.assign(cloud.auth.state, { userId: "eve" }), TypeError);
    assert.throws(() => Object.assign(/** @type {any} */ (cloud.auth.state.claims), { sub: "eve" }), TypeError);
    assert.equal(idle.status, "idle");
  });
});

describe("in a page", () => {
  /** A document that can be hidden. */
  const installDocument = () => {
    const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    defineGlobal("document", { value: document, writable: true });
    return (/** @type {string} */ visibilityState) => {
      document.visibilityState = visibilityState;
      document.dispatchEvent(new Event("visibilitychange"));
    };
  };

  test("a token is renewed ahead of its expiry with nobody asking", async () => {
    freeze();
    installDocument();
    installFetch(noThreads);
    const { cloud, calls } = client(alice(), alice(seconds + 570), alice(seconds + 840));
    await cloud.threads.list();
    mock.timers.tick(269_999);
    assert.equal(calls(), 1);
    mock.timers.tick(1);
    await settle();
    assert.equal(calls(), 2);
    assert.equal(cloud.auth.state.expiresAt, now + 570_000);
    mock.timers.tick(270_000);
    await settle();
    assert.equal(calls(), 3);
  });

  test("a hidden page renews nothing until it is seen again", async () => {
    freeze();
    const show = installDocument();
    installFetch(noThreads);
    const { cloud, calls } = client(alice(), alice(seconds + 4000, { iat: seconds + 3600 }));
    await cloud.threads.list();
    show("hidden");
    mock.timers.tick(3_600_000);
    show("hidden");
    assert.equal(calls(), 1);
    show("visible");
    await settle();
    assert.equal(calls(), 2);
    assert.equal(cloud.auth.state.expiresAt, (seconds + 4000) * 1000);
  });

  test("a page that never asked for a token does not start to", async () => {
    freeze();
    const show = installDocument();
    const { calls } = client(alice());
    show("visible");
    await settle();
    assert.equal(calls(), 0);
  });

  test("a renewal that fails is tried again until the expiry, and not beyond", async () => {
    freeze();
    const show = installDocument();
    installFetch(noThreads);
    const { cloud, calls } = client(alice(), new Error("offline"));
    await cloud.threads.list();
    for (let second = 0; second < 600; second++) {
      mock.timers.tick(1000);
      await settle();
    }
    assert.equal(calls(), 5);
    assert.equal(cloud.auth.state.status, "ready");
    show("visible");
    await settle();
    assert.equal(calls(), 6);
    assert.equal(cloud.auth.state.status, "failed");
  });

  test("a token of many years overflows no timer", async () => {
    freeze();
    installDocument();
    installFetch(noThreads);
    const { cloud, calls } = client(alice(seconds + 400 * 86_400, { iat: seconds }));
    const timers = mock.method(globalThis, "setTimeout");
    await cloud.threads.list();
    await settle();
    mock.timers.tick(86_400_000);
    await settle();
    assert.equal(calls(), 1);
    assert.ok(timers.mock.callCount() > 0);
    for (const { arguments: [, delay] } of timers.mock.calls) assert.ok(Number(delay) < 2 ** 31);
    timers.mock.restore();
  });

  test("outside a page there is no timer", async () => {
    freeze();
    installFetch(noThreads);
    const { cloud, calls } = client(alice());
    await cloud.threads.list();
    mock.timers.tick(3_600_000);
    await settle();
    assert.equal(calls(), 1);
  });
});
