// @ts-check
/**
 * The fifteen most damaging bugs of token clients (client-anchors b), by their numbers. Each is played to our client and
 * to the official one: ours must come through, and where the official one is known to fail, it must fail here too, or
 * the play would prove nothing.
 */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import * as official from "assistant-cloud";
import { Server, listLine, mintLine, noon, officialTab, openOrigin, pass, refreshLine, tab } from "./origin.mjs";
import { answer, baseUrl, deferred, defineGlobal, farFuture, grant, jwt, settle, storageKey } from "./world.mjs";

/** @typedef {{ Cloud: new (config: any) => any, ours: boolean }} Cast */

/**
 * @param {number} number
 * @param {string} name
 * @param {boolean | null} officialFails null where the official client has nothing that could be played
 * @param {(cast: Cast) => Promise<void>} play
 */
function bug(number, name, officialFails, play) {
  describe(`bug ${number}: ${name}`, () => {
    test("does not happen to us", () => play({ Cloud: tab(), ours: true }));
    if (officialFails === null) return;
    test(officialFails ? "happens to the official client" : "does not happen to the official client either", async () => {
      const played = play({ Cloud: official.AssistantCloud, ours: false });
      if (officialFails) await assert.rejects(played, /** @type {any} */ (assert.AssertionError));
      else await played;
    });
  });
}

/** What has come of a promise so far. @param {Promise<unknown>} promise */
function watch(promise) {
  /** @type {{ settled: boolean, value?: any, error?: any }} */
  const outcome = { settled: false };
  promise.then((value) => Object.assign(outcome, { settled: true, value }), (error) => Object.assign(outcome, { settled: true, error }));
  return outcome;
}

bug(1, "the last user's token after a switch", true, async ({ Cloud, ours }) => {
  openOrigin();
  const server = new Server();
  let user = "alice";
  const cloud = new Cloud({ baseUrl, authToken: async () => server.mint(user) });
  await cloud.threads.list();
  // An answer for alice stays on its way.
  const slow = deferred();
  server.routes["GET /v1/threads/slow"] = () => slow.promise;
  const late = watch(cloud.threads.get("slow"));
  await settle();
  user = "bob";
  if (ours) cloud.auth.invalidate();
  else await pass(271_000, 10_000);
  await cloud.threads.list();
  slow.resolve(answer({ error: "no" }, { status: 404, headers: { Authorization: `Bearer ${server.mint("alice")}` } }));
  await settle();
  const from = server.requests.length;
  await cloud.threads.list();
  assert.deepEqual(server.requests.slice(from).map(({ sub }) => sub), ["bob"]);
  assert.equal(late.error.code, "ERR_INVALIDATED");
});

bug(1, "the last user's token, seen in the tokens alone", true, async ({ Cloud }) => {
  openOrigin();
  const server = new Server();
  let user = "alice";
  const cloud = new Cloud({ baseUrl, authToken: async () => server.mint(user) });
  await cloud.threads.list();
  const slow = deferred();
  server.routes["POST /v1/threads"] = () => slow.promise;
  const late = watch(cloud.threads.create({ last_message_at: new Date() }));
  await settle();
  user = "bob";
  await pass(301_000, 10_000);
  await cloud.threads.list().catch(() => {});
  slow.resolve(answer({ thread_id: "alices" }, { headers: { Authorization: `Bearer ${server.mint("alice")}` } }));
  await settle();
  await cloud.threads.list();
  assert.equal(server.requests.at(-1)?.sub, "bob");
  assert.equal(late.error.code, "ERR_IDENTITY_CHANGED");
});

bug(1, "a write that waited for one user's token and went out with another's", true, async ({ Cloud }) => {
  openOrigin({ page: false });
  const server = new Server();
  let user = "alice";
  const cloud = new Cloud({ baseUrl, authToken: async () => server.mint(user) });
  await cloud.threads.list();
  await pass(301_000, 10_000);
  user = "bob";
  const outcome = watch(cloud.threads.create({ last_message_at: new Date() }));
  await settle();
  assert.equal(server.count("POST /v1/threads"), 0);
  assert.equal(outcome.error.code, "ERR_IDENTITY_CHANGED");
});

bug(2, "a sign-out that an answer on its way undoes, in another tab", null, async () => {
  const { values, document } = openOrigin();
  const server = new Server();
  server.routes[mintLine] = () => grant(server.mint("visitor", { life: 20 }));
  server.routes[refreshLine] = () => grant(server.mint("visitor", { life: 20 }), null);
  const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, anonymous: true }));
  await A.threads.list();
  await B.threads.list();
  document.show("hidden");
  await pass(25_000, 1_000);
  const slow = deferred();
  server.routes[refreshLine] = () => slow.promise;
  /** @type {any[]} */
  const events = [];
  A.auth.on("signedOut", (/** @type {any} */ event) => events.push(event));
  const waiting = watch(A.threads.list());
  await settle();
  B.auth.signOut();
  await settle();
  const from = server.requests.length;
  slow.resolve(grant(server.mint("visitor"), { token: "r2", expires_at: farFuture }));
  await pass(500);
  assert.equal(values.has(storageKey), false, "the identity is in storage again");
  assert.equal(waiting.error.code, "ERR_SIGNED_OUT");
  assert.deepEqual(events.map(({ reason }) => reason), ["otherTab"]);
  for (const cloud of [A, B]) {
    await assert.rejects(cloud.threads.list(), { code: "ERR_SIGNED_OUT" });
    assert.equal(cloud.auth.state.status, "signedOut");
  }
  assert.deepEqual(server.requests.slice(from), []);
  // And neither does it when there are no channels: the sign-out is in storage.
  B.auth.invalidate();
  server.routes[mintLine] = () => grant(server.mint("next"), { token: "r9", expires_at: farFuture });
  await B.threads.list();
  assert.equal(B.auth.state.userId, "next");
});

bug(2, "a sign-out that an answer on its way undoes, without channels", null, async () => {
  const { values } = openOrigin({ channel: false });
  const server = new Server();
  const slow = deferred();
  server.routes[mintLine] = () => slow.promise;
  const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, anonymous: true }));
  const waiting = watch(A.threads.list());
  await settle();
  B.auth.signOut();
  slow.resolve(grant(server.mint("visitor")));
  await pass(500);
  assert.equal(values.has(storageKey), false, "the identity is in storage");
  assert.equal(waiting.error.code, "ERR_SIGNED_OUT");
  assert.equal(server.count(listLine), 0);
});

/** The clients of a visitor in two tabs, both of which have asked for something. */
async function inTwoTabs() {
  const server = new Server();
  server.routes[mintLine] = () => grant(server.mint("visitor"));
  server.routes[refreshLine] = () => grant(server.mint("visitor"), null);
  const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, anonymous: true }));
  for (const cloud of [A, B]) {
    const listed = watch(cloud.threads.list());
    await pass(500);
    assert.ok(listed.settled && !listed.error);
  }
  return [A, B];
}

/** @type {[string, { channel?: boolean }, (values: Map<string, string>, window: EventTarget) => void][]} */
const returns = [
  ["by what is in storage", { channel: false }, (_, window) => void window.dispatchEvent(new Event("pageshow"))],
  ["by the others, where storage does not say it yet", {}, (values, window) => {
    for (const name of values.keys()) if (name.startsWith("assistant-cloud:session:")) values.delete(name);
    window.dispatchEvent(new Event("pageshow"));
  }],
];
for (const [how, has, comeBack] of returns) {
  bug(2, `a sign-out that a page does not hear of which was put aside, told ${how}`, null, async () => {
    const { values, window } = openOrigin(has);
    const [A, B] = await inTwoTabs();
    window.dispatchEvent(new Event("pagehide"));
    B.auth.signOut();
    await pass(5_000, 1_000);
    assert.equal(A.auth.state.status, "ready", "heard by a page that was put aside");
    comeBack(values, window);
    await pass(50);
    assert.equal(A.auth.state.status, "signedOut");
    await assert.rejects(A.threads.list(), { code: "ERR_SIGNED_OUT" });
  });
}

bug(2, "a sign-out that a page does not hear of which has come back", null, async () => {
  const { window } = openOrigin();
  const [A, B] = await inTwoTabs();
  for (const type of ["pagehide", "pageshow"]) window.dispatchEvent(new Event(type));
  B.auth.signOut();
  await pass(50);
  assert.equal(A.auth.state.status, "signedOut");
  // The user of before has long gone when the next one's page comes back.
  for (const cloud of [A, B]) cloud.auth.invalidate();
  const listed = watch(A.threads.list());
  await pass(500);
  assert.ok(listed.settled && !listed.error);
  window.dispatchEvent(new Event("pagehide"));
  await pass(1_000);
  window.dispatchEvent(new Event("pageshow"));
  await pass(50);
  assert.equal(A.auth.state.status, "ready");
});

bug(2, "a sign-out that is heard of only at the next renewal, without channels", null, async () => {
  const { window } = openOrigin({ channel: false });
  const server = new Server();
  const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, authToken: async () => server.mint("alice") }));
  const listed = watch(A.threads.list());
  await pass(500);
  assert.ok(listed.settled && !listed.error);
  B.auth.signOut();
  window.dispatchEvent(new Event("storage"));
  assert.equal(A.auth.state.status, "signedOut");
});

/** @type {[string, () => any][]} */
const passing = [
  ["no network", () => new TypeError("Failed to fetch")],
  ["a captive portal's page", () => answer("<html>Welcome to the airport</html>")],
  ["a captive portal's refusal", () => answer("<html>Sign in</html>", { status: 403 })],
  ...[400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 520, 530].map(
    (status) => /** @type {[string, () => any]} */ ([`a status of ${status}`, () => answer("", { status })]),
  ),
];
const lasting = new Set([400, 401, 403, 404, 408, 409].map((status) => `a status of ${status}`).concat("a captive portal's refusal"));
for (const [trouble, respond] of passing) {
  bug(3, `${trouble} makes another person of a visitor`, lasting.has(trouble), async ({ Cloud }) => {
    const { values } = openOrigin({ page: false });
    const server = new Server();
    const stored = JSON.stringify({ token: "r1", expires_at: farFuture });
    values.set(storageKey, stored);
    server.routes[refreshLine] = respond;
    server.routes[mintLine] = () => grant(jwt({ sub: "somebody else" }), { token: "r2", expires_at: farFuture });
    await new Cloud({ baseUrl, anonymous: true }).threads.list().catch(() => {});
    assert.equal(values.get(storageKey), stored);
    assert.equal(server.count(mintLine), 0);
  });
}

bug(3, "a clock a month fast makes another person of a visitor", true, async ({ Cloud }) => {
  const { values } = openOrigin({ page: false });
  const server = new Server();
  values.set(storageKey, JSON.stringify({ token: "r1", expires_at: new Date(noon - 86_400_000).toISOString() }));
  server.routes[refreshLine] = () => grant(jwt(), null);
  server.routes[mintLine] = () => grant(jwt());
  await new Cloud({ baseUrl, anonymous: true }).threads.list();
  assert.deepEqual([server.count(refreshLine), server.count(mintLine)], [1, 0]);
});

bug(3, "a callback that could not ask signs the user out", null, async () => {
  openOrigin({ page: false });
  const server = new Server();
  const authToken = mock.fn(async () => server.mint("alice"));
  const cloud = new (tab())({ baseUrl, authToken });
  await cloud.threads.list();
  await pass(280_000, 10_000);
  authToken.mock.mockImplementation(async () => {
    throw new Error("the auth server is being deployed");
  });
  await cloud.threads.list();
  await settle();
  assert.deepEqual([cloud.auth.state.status, cloud.auth.state.userId], ["ready", "alice"]);
  await pass(30_000, 1_000);
  await assert.rejects(cloud.threads.list(), /deployed/);
  assert.deepEqual([cloud.auth.state.status, cloud.auth.state.userId], ["failed", "alice"]);
});

/**
 * Ten tabs whose tokens have run out, woken in one moment.
 *
 * @param {any[]} clouds
 */
async function wake(clouds) {
  const outcomes = clouds.map((cloud) => watch(cloud.threads.list()));
  await pass(15_000);
  return outcomes;
}

for (const [name, has] of /** @type {const} */ ([["", {}], [", without locks", { locks: false }], [", without channels", { channel: false }]])) {
  bug(4, `tabs that wake together each rotate the refresh token${name}`, has.channel !== false, async ({ Cloud, ours }) => {
    const { document } = openOrigin(has);
    const server = new Server();
    let current = 1;
    server.routes[mintLine] = () => grant(server.mint("visitor"), { token: "r1", expires_at: farFuture });
    // No token is taken twice, not even by the one whose answer was lost.
    server.routes[refreshLine] = async (/** @type {any} */ init) => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      if (JSON.parse(init.body).refresh_token !== `r${current}`) return answer({ error: "Invalid refresh token" }, { status: 403 });
      return grant(server.mint("visitor"), { token: `r${++current}`, expires_at: farFuture });
    };
    const clouds = Array.from({ length: 10 }, () => new (ours ? tab() : officialTab())({ baseUrl, anonymous: true }));
    await wake(clouds);
    document.show("hidden");
    await pass(400_000, 50_000);
    const from = server.requests.length;
    document.show("visible");
    const outcomes = await wake(clouds);

    const asked = server.requests.slice(from).filter(({ line }) => line === refreshLine).length;
    for (const { settled, error } of outcomes) assert.ok(settled && !error, String(error?.message));
    assert.equal(asked, has.channel === false ? 10 : 1);
    assert.equal(server.count(mintLine), 1);
  });
}

bug(4, "tabs with callbacks that wake together each call theirs", true, async ({ Cloud, ours }) => {
  const { document } = openOrigin();
  const server = new Server();
  const authToken = mock.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return server.mint("alice");
  });
  const clouds = Array.from({ length: 10 }, () => new (ours ? tab() : officialTab())({ baseUrl, authToken }));
  await wake(clouds);
  document.show("hidden");
  await pass(400_000, 50_000);
  const before = authToken.mock.callCount();
  document.show("visible");
  const outcomes = await wake(clouds);
  for (const { settled, error } of outcomes) assert.ok(settled && !error, String(error?.message));
  assert.equal(authToken.mock.callCount() - before, 1);
});

bug(4, "a tab that dies in the middle of its turn takes the others with it", null, async () => {
  const { lock } = openOrigin();
  const server = new Server();
  const clouds = Array.from({ length: 10 }, () => new (tab())({ baseUrl, anonymous: true }));
  const first = deferred();
  let asked = 0;
  server.routes[mintLine] = () => (asked++ === 0 ? first.promise : grant(server.mint("visitor")));
  server.routes[refreshLine] = () => grant(server.mint("visitor"), null);
  const outcomes = clouds.map((cloud) => watch(cloud.threads.list()));
  await pass(200);
  lock.kill();
  await pass(15_000);
  for (const { settled, error } of outcomes.slice(1)) assert.ok(settled && !error, String(error?.message));
  assert.ok(asked <= 3, `${asked} requests`);
});

for (const hours of [-24, -1, -1 / 6, 1 / 18, 1 / 6, 1, 24]) {
  for (const life of [60, 300, 3_600, 86_400]) {
    const left = life - 30 - hours * 3_600;
    const name = `a clock ${hours.toFixed(2)} h fast and tokens of ${life} s`;
    // The official client takes a token at its word: fast clocks ask in a storm, slow ones send what is dead.
    const fails = hours > 0 ? left <= 0 || 4_000 / left > 2 + 4_000 / life : life < 4_000;
    bug(hours > 0 ? 5 : 6, `${name} end in a storm of calls, or in dead tokens`, fails, async ({ Cloud }) => {
      openOrigin({ page: false });
      const server = new Server();
      server.dates = true;
      server.skew = hours * 3_600_000;
      const authToken = mock.fn(async () => server.mint("alice", { life }));
      const cloud = new Cloud({ baseUrl, authToken });
      for (let request = 0; request < 100; request++) {
        await cloud.threads.list().catch(() => {});
        await pass(40_000, 20_000);
      }
      const used = life - Math.min(30, life / 4) - 2;
      assert.ok(authToken.mock.callCount() <= 1 + 4_000 / used, `${authToken.mock.callCount()} calls`);
      assert.deepEqual(server.requests.filter(({ verdict }) => verdict !== 200), []);
    });
  }
}

bug(6, "a revoked token is sent until it expires", true, async ({ Cloud }) => {
  openOrigin({ page: false });
  const server = new Server();
  const authToken = mock.fn(async (/** @type {any} */ request) => {
    void request;
    return server.mint("alice");
  });
  const cloud = new Cloud({ baseUrl, authToken });
  await cloud.threads.list();
  server.revoked.add(await /** @type {any} */ (authToken.mock.calls[0]?.result));
  const outcome = watch(cloud.threads.list());
  await settle();
  assert.equal(outcome.error, undefined);
  assert.equal(authToken.mock.callCount(), 2);
  const { reason, forceRefresh } = authToken.mock.calls[1]?.arguments[0];
  assert.deepEqual([reason, forceRefresh], ["rejected", true]);
  assert.deepEqual(server.requests.map(({ verdict }) => verdict), [200, 401, 200]);
});

bug(6, "a slow clock that was found out once is believed again", null, async () => {
  openOrigin({ page: false });
  const server = new Server();
  server.skew = -600_000;
  // Old tokens on a slow clock: nothing but the server's refusal tells.
  const cloud = new (tab())({ baseUrl, authToken: async () => server.mint("alice", { life: 700, age: 650 }) });
  /** @type {any[]} */
  const skews = [];
  cloud.auth.on("clockSkew", (/** @type {any} */ { skew }) => skews.push(skew));
  await cloud.threads.list();
  await pass(60_000, 10_000);
  await cloud.threads.list();
  for (let turn = 0; turn < 20; turn++) {
    await pass(30_000, 10_000);
    await cloud.threads.list();
  }
  assert.ok(server.requests.filter(({ verdict }) => verdict === 401).length <= 1);
  assert.ok(skews.length >= 1 && skews.every((skew) => skew < -500_000), skews.join());
});

/** @type {[string, any][]} */
const brokenLocks = [
  ["held for ever", { request: () => new Promise(() => {}), query: async () => ({ held: [] }) }],
  ["refused", { request: async () => { throw new DOMException("opaque origin", "SecurityError"); } }],
  ["missing", undefined],
];
for (const [name, locks] of brokenLocks) {
  bug(7, `a lock that is ${name} stops every tab`, name === "held for ever" || name === "refused", async ({ Cloud }) => {
    openOrigin();
    defineGlobal("navigator", { value: { locks }, writable: true });
    const server = new Server();
    server.routes[mintLine] = () => grant(server.mint("visitor"));
    const outcome = watch(new Cloud({ baseUrl, anonymous: true }).threads.list());
    await pass(41_000, 500);
    assert.ok(outcome.settled && !outcome.error, String(outcome.error?.message));
    assert.equal(server.count(mintLine), 1);
  });
}

bug(7, "a client that is used from its own events waits for itself", null, async () => {
  openOrigin();
  const server = new Server();
  const cloud = new (tab())({ baseUrl, authToken: async () => server.mint("alice") });
  /** @type {any[]} */
  const inner = [];
  for (const type of ["identity", "token"]) cloud.auth.on(type, () => inner.push(watch(cloud.threads.list())));
  const outer = watch(cloud.threads.list());
  await pass(1_000);
  for (const { settled, error } of [outer, ...inner]) assert.ok(settled && !error);
});

/** @type {[string, () => any, boolean][]} */
const junk = [
  ["never answers", () => new Promise(() => {}), true],
  ["throws at once", () => { throw new Error("sync"); }, false],
  ["rejects", async () => { throw new Error("async"); }, false],
  ["returns undefined", () => undefined, false],
  ["returns nothing in it", async () => "", false],
  ['returns "null"', async () => "null", false],
  ["returns an object", async () => ({ token: "x" }), false],
];
for (const [name, act, officialFails] of junk) {
  bug(8, `a callback that ${name} wedges the client`, officialFails, async ({ Cloud }) => {
    openOrigin({ page: false });
    const server = new Server();
    let turn = 0;
    const cloud = new Cloud({ baseUrl, authToken: () => (turn++ === 0 ? act() : server.mint("alice")) });
    const outcome = watch(cloud.threads.list());
    await pass(31_000, 1_000);
    assert.ok(outcome.settled && outcome.error instanceof Error);
    await cloud.threads.list();
    assert.equal(server.requests.length, 1);
  });
}

bug(8, "a callback that returns a dead token wedges the client", null, async () => {
  openOrigin({ page: false });
  const server = new Server();
  let life = -10;
  const cloud = new (tab())({ baseUrl, authToken: async () => server.mint("alice", { life, age: 300 }) });
  const dead = server.mint("alice", { life: 200, age: 300 });
  const tokens = [dead, dead];
  const broken = new (tab())({ baseUrl, authToken: async () => tokens.shift() ?? server.mint("alice") });
  await assert.rejects(broken.threads.list(), { code: "ERR_TOKEN_EXPIRED" });
  await broken.threads.list();
  life = 600;
  await cloud.threads.list();
});

bug(9, "a thousand calls over five clients make more than one request", true, async ({ Cloud, ours }) => {
  openOrigin();
  const server = new Server();
  const authToken = mock.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return server.mint("alice");
  });
  const Own = ours ? tab() : Cloud;
  const clouds = Array.from({ length: 5 }, () => new Own({ baseUrl, authToken, sharingKey: "alice" }));
  const outcomes = Array.from({ length: 1000 }, (_, index) => watch(clouds[index % 5].threads.list()));
  await pass(5_000);
  for (const { settled, error } of outcomes) assert.ok(settled && !error, String(error?.message));
  assert.equal(authToken.mock.callCount(), 1);
});

bug(9, "a failure reaches some of the callers, or stays", false, async ({ Cloud }) => {
  openOrigin({ page: false });
  const server = new Server();
  const failure = new Error("offline");
  let turn = 0;
  const cloud = new Cloud({ baseUrl, authToken: async () => { if (turn++ === 0) throw failure; return server.mint("alice"); } });
  const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => cloud.threads.list()));
  for (const outcome of outcomes) assert.equal(/** @type {any} */ (outcome).reason, failure);
  await cloud.threads.list();
  assert.equal(turn, 2);
});

bug(10, "every straggler's 401 renews the token once more", true, async ({ Cloud }) => {
  openOrigin({ page: false });
  const server = new Server();
  const authToken = mock.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return server.mint("alice");
  });
  const cloud = new Cloud({ baseUrl, authToken });
  const first = watch(cloud.threads.list());
  await pass(400);
  assert.ok(first.settled);
  const honest = server.answer.bind(server);
  let delay = 0;
  server.answer = async (url, init) => {
    const refusal = await honest(url, init);
    if (refusal.status === 401) await new Promise((resolve) => setTimeout(resolve, (delay += 50)));
    return refusal;
  };
  server.revoked.add(await /** @type {any} */ (authToken.mock.calls[0]?.result));
  const outcomes = Array.from({ length: 20 }, () => watch(cloud.threads.list()));
  await pass(3_000);
  for (const { settled, error } of outcomes) assert.ok(settled && !error, String(error?.message));
  assert.equal(authToken.mock.callCount(), 2);
  assert.equal(server.requests.length, 1 + 20 + 20);
});

bug(10, "a server that refuses everything is asked without end", null, async () => {
  openOrigin({ page: false });
  const server = new Server();
  const authToken = mock.fn(async () => {
    const token = server.mint("alice");
    server.revoked.add(token);
    return token;
  });
  const cloud = new (tab())({ baseUrl, authToken });
  for (let request = 0; request < 60; request++) {
    const before = server.requests.length;
    await assert.rejects(cloud.threads.list(), { status: 401, code: "Token is revoked" });
    assert.ok(server.requests.length - before <= 2);
    await pass(1_000, 500);
  }
  assert.ok(authToken.mock.callCount() <= 3, `${authToken.mock.callCount()} calls`);
});

bug(11, "a source in trouble is asked without a pause", true, async ({ Cloud, ours }) => {
  openOrigin();
  const server = new Server();
  let recovered = false;
  const limited = () => recovered ? grant(server.mint("visitor")) : answer({ error: "rate_limited" }, { status: 429, headers: { "Retry-After": "30" } });
  server.routes[mintLine] = server.routes[refreshLine] = limited;
  const clouds = Array.from({ length: 5 }, () => new (ours ? tab() : officialTab())({ baseUrl, anonymous: true }));
  /** @type {any[]} */
  const outcomes = [];
  for (let second = 0; second < 600; second++) {
    for (const cloud of clouds) outcomes.push(watch(cloud.threads.list()));
    await pass(1_000, 100);
  }
  const attempts = server.count(mintLine);
  assert.ok(attempts <= 5 + 600 / 30, `${attempts} attempts`);
  for (const { error } of outcomes.slice(0, -10)) assert.ok(error);
  assert.ok(outcomes.some(({ error }) => error?.code === "ERR_RETRY_LATER" && error.retryAfter > 0 && error.retryAfter <= 34));
  recovered = true;
  await pass(35_000, 1_000);
  const last = watch(clouds[0].threads.list());
  await pass(1_000);
  assert.ok(last.settled && !last.error, String(last.error?.message));
});

bug(11, "a source that fails without a word is asked without a pause", true, async ({ Cloud }) => {
  openOrigin({ page: false });
  new Server();
  const authToken = mock.fn(async () => {
    throw new Error("down");
  });
  const cloud = new Cloud({ baseUrl, authToken });
  for (let second = 0; second < 600; second++) {
    await cloud.threads.list().catch(() => {});
    await pass(1_000, 1_000);
  }
  assert.ok(authToken.mock.callCount() <= 40, `${authToken.mock.callCount()} calls`);
});

bug(12, "a timer that slept sends a dead token", false, async ({ Cloud }) => {
  const { document, window } = openOrigin();
  const server = new Server();
  const authToken = mock.fn(async () => server.mint("alice"));
  const cloud = new Cloud({ baseUrl, authToken });
  await cloud.threads.list();
  document.show("hidden");
  mock.timers.setTime(noon + 3_600_000);
  document.show("visible");
  for (const type of ["focus", "online", "pageshow"]) window.dispatchEvent(new Event(type));
  await cloud.threads.list();
  assert.equal(authToken.mock.callCount(), 2);
  assert.deepEqual(server.requests.map(({ verdict }) => verdict), [200, 200]);
});

for (const skew of [0, 3_600_000, -3_600_000]) {
  bug(13, `a token that is old on arrival is taken for a new one, the clock ${skew / 3_600_000} h fast`, skew < 0, async ({ Cloud }) => {
    openOrigin({ page: false });
    const server = new Server();
    server.dates = true;
    server.skew = skew;
    let token = "";
    let minted = -Infinity;
    // A provider's cache, which somebody else fills anew at the last moment.
    const authToken = mock.fn(async () => {
      if (Date.now() - minted >= 9_000) {
        token = server.mint("alice", { life: 60, age: 50 });
        minted = Date.now();
      }
      return token;
    });
    const cloud = new Cloud({ baseUrl, authToken });
    for (let second = 0; second < 120; second++) {
      await cloud.threads.list().catch(() => {});
      await pass(1_000, 1_000);
    }
    const dead = server.requests.filter(({ verdict }) => verdict === 401).length;
    assert.equal(dead, 0);
    assert.ok(skew === 0 || authToken.mock.callCount() <= 120, `${authToken.mock.callCount()} calls`);
  });
}

bug(13, "the same token twice is an error, or a loop", null, async () => {
  openOrigin();
  const server = new Server();
  const token = server.mint("alice", { life: 60 });
  const authToken = mock.fn(async (/** @type {any} */ request) => {
    void request;
    return Date.now() < noon + 60_000 ? token : server.mint("alice");
  });
  const cloud = new (tab())({ baseUrl, authToken });
  for (let second = 0; second < 60; second++) {
    await cloud.threads.list();
    await pass(1_000, 100);
  }
  assert.ok(authToken.mock.callCount() <= 12, `${authToken.mock.callCount()} calls`);
  assert.ok(authToken.mock.calls.some(({ arguments: [request] }) => request.forceRefresh));
  assert.equal(cloud.auth.state.status, "ready");
});

for (const [name, storage] of /** @type {[string, () => object][]} */ ([
  ["may not be touched", () => { throw new DOMException("denied", "SecurityError"); }],
  ["is full", () => ({ getItem: () => null, removeItem() {}, setItem() { throw new DOMException("full", "QuotaExceededError"); } })],
  ["forgets at once", () => ({ getItem: () => null, removeItem() {}, setItem() {} })],
])) {
  bug(14, `storage that ${name} makes several people of one page`, true, async ({ Cloud, ours }) => {
    openOrigin();
    const broken = name === "may not be touched" ? null : storage();
    defineGlobal("localStorage", { get: () => broken ?? storage() });
    const server = new Server();
    server.routes[mintLine] = () => grant(server.mint("visitor", { life: 60 }));
    server.routes[refreshLine] = () => grant(server.mint("visitor", { life: 60 }), null);
    const clouds = [new Cloud({ baseUrl, anonymous: true }), new Cloud({ baseUrl, anonymous: true })];
    /** @type {any[]} */
    const errors = [];
    if (ours) for (const cloud of clouds) cloud.auth.on("error", (/** @type {any} */ event) => errors.push(event));
    for (let turn = 0; turn < 4; turn++) {
      for (const cloud of clouds) {
        const outcome = watch(cloud.threads.list());
        await pass(2_000);
        assert.ok(outcome.settled && !outcome.error, String(outcome.error?.message));
      }
      await pass(60_000, 5_000);
    }
    assert.equal(server.count(mintLine), 1);
    assert.equal(clouds[0].auth.state.durable, false);
    assert.ok(errors.some(({ error, background }) => error.code === "ERR_NOT_DURABLE" && background));
  });
}

bug(14, "an identity that was stored is said to last", null, async () => {
  openOrigin();
  const server = new Server();
  server.routes[mintLine] = () => grant(server.mint("visitor"));
  const cloud = new (tab())({ baseUrl, anonymous: true });
  assert.equal(cloud.auth.state.durable, null);
  const outcome = watch(cloud.threads.list());
  await pass(500);
  assert.ok(outcome.settled);
  assert.equal(cloud.auth.state.durable, true);
});

for (const days of [30, 400, 2 ** 53 / 86_400]) {
  bug(15, `a token of ${days.toFixed()} days overflows a timer`, false, async ({ Cloud }) => {
    openOrigin();
    const server = new Server();
    const authToken = mock.fn(async () => jwt({ sub: "alice", iat: noon / 1000, exp: noon / 1000 + days * 86_400 }));
    const timers = mock.method(globalThis, "setTimeout");
    const cloud = new Cloud({ baseUrl, authToken });
    await cloud.threads.list();
    await pass(86_400_000, 3_600_000);
    await cloud.threads.list();
    for (const { arguments: [, delay] } of timers.mock.calls) assert.ok(Number(delay) >= 0 && Number(delay) < 2 ** 31);
    timers.mock.restore();
    assert.equal(authToken.mock.callCount(), 1);
    assert.equal(server.requests.length, 2);
  });
}
