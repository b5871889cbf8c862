// @ts-check
/** What a client that is disposed of leaves behind: nothing that listens or waits, and a visitor's identity. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { Server, mintLine, openOrigin, pass, refreshLine, tab } from "./origin.mjs";
import { baseUrl, deferred, farFuture, grant, settle, storageKey } from "./world.mjs";

/** Who listens to what, by target and type. @param {Record<string, EventTarget>} targets */
function listenersOf(targets) {
  /** @type {Set<string>} */
  const listening = new Set();
  for (const [name, target] of Object.entries(targets)) {
    for (const method of /** @type {const} */ (["addEventListener", "removeEventListener"])) {
      const act = target[method].bind(target);
      target[method] = (/** @type {string} */ type, /** @type {any} */ listener) => {
        listening[method === "addEventListener" ? "add" : "delete"](`${name} ${type}`);
        act(type, listener);
      };
    }
  }
  return listening;
}

describe("a client that is disposed of", () => {
  test("has no listener, timer or channel left", async () => {
    const { document, window } = openOrigin();
    const listening = listenersOf({ document, window });
    const close = mock.method(BroadcastChannel.prototype, "close");
    const timers = new Set();
    const [begin, end] = [globalThis.setTimeout, globalThis.clearTimeout];
    mock.method(globalThis, "setTimeout", (/** @type {() => void} */ act, /** @type {number} */ delay) => {
      const timer = begin(() => {
        timers.delete(timer);
        act();
      }, delay);
      timers.add(timer);
      return timer;
    });
    mock.method(globalThis, "clearTimeout", (/** @type {any} */ timer) => {
      timers.delete(timer);
      end(timer);
    });
    const server = new Server();
    const authToken = mock.fn(async () => server.mint("alice"));
    const [A, B] = [tab(), tab()].map((Cloud) => new Cloud({ baseUrl, authToken }));
    await A.threads.list();
    await settle();
    assert.ok(listening.has("document visibilitychange") && listening.has("window pageshow"));
    assert.equal(timers.size, 1, "the renewal's");
    A.auth.dispose();
    assert.deepEqual([...listening], []);
    assert.equal(timers.size, 0);
    assert.equal(close.mock.callCount(), 1);
    B.auth.signOut();
    await pass(400_000, 10_000);
    assert.equal(A.auth.state.status, "idle", "it has heard of a sign-out");
    assert.equal(authToken.mock.callCount(), 1);
    mock.restoreAll();
  });

  test("keeps the visitor whose refresh token has been rotated meanwhile", async () => {
    const { values } = openOrigin({ page: false });
    const server = new Server();
    values.set(storageKey, JSON.stringify({ token: "r1", expires_at: farFuture }));
    const slow = deferred();
    /** @type {AbortSignal | undefined} */
    let signal;
    server.routes[refreshLine] = (/** @type {any} */ init) => {
      ({ signal } = init);
      return slow.promise;
    };
    const cloud = new (tab())({ baseUrl, anonymous: true });
    const listed = assert.rejects(cloud.threads.list(), { code: "ERR_INVALIDATED" });
    await settle();
    cloud.auth.dispose();
    await listed;
    assert.equal(signal?.aborted, false);
    slow.resolve(grant(server.mint("visitor"), { token: "r2", expires_at: farFuture }));
    await settle();
    assert.equal(JSON.parse(values.get(storageKey) ?? "").token, "r2");
    assert.equal(server.count(mintLine), 0);
  });
});
