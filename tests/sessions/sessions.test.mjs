// @ts-check
/** The token session in real browsers, with real tabs, locks, channels, storage and workers, before the real Worker. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "node:test";
import { engines } from "./browsers.mjs";
import { canFindProcesses, processOf } from "./processes.mjs";
import { Site } from "./site.mjs";

/** @import { Browser, BrowserContext, Page } from "puppeteer-core" */

/** In seconds. The client renews after three quarters of it. */
const lifetime = 10;

/** How long a tab waits for its turn, in ms. See pkg/tabs.js. */
const turn = 10_000;

/** What a test does in a page, where these are. */
/** @type {any} */
const { cloud, client, outcome } = globalThis;

// What takes long is waiting for tokens to grow old, which both browsers can do at once.
describe("a session", { concurrency: engines.length }, () => {
  for (const engine of engines) {
    const skip = engine.path ? false : `there is no ${engine.name} on this machine`;
    describe(`in ${engine.name}`, { skip, concurrency: 1 }, () => {
      /** @type {Browser} */
      let browser;
      /** @type {BrowserContext} */
      let profile;
      /** @type {Site} */
      let site;

      before(async () => {
        [browser, site] = await Promise.all([engine.open(), Site.open(lifetime)]);
      });
      after(async () => {
        await Promise.all([browser?.close(), site?.close()]);
      });
      afterEach(async () => {
        site.gate = Promise.resolve();
        await profile?.close();
      });

      /** A new profile, as nobody has been there before. */
      const arrive = async () => {
        profile = await browser.createBrowserContext();
        site.asked = [];
        site.statuses = [];
      };

      /**
       * @param {string | null} mode whose tokens the page gets; null for a visitor
       * @param {{ clock?: number, more?: object, window?: boolean }} [options] `clock`: how far it is ahead, in ms;
       *   `window`: whether it is the only tab of a window of its own, which others do not hide
       */
      const tab = async (mode = null, { clock = 0, more = {}, window = false } = {}) => {
        const page = await profile.newPage({ type: window ? "window" : "tab" });
        if (clock) await engine.setClock(page, clock);
        await page.goto(site.url);
        await ready(page, mode, more);
        return page;
      };

      /** @param {Page} page @param {string | null} mode @param {object} [more] */
      const ready = async (page, mode, more = {}) => {
        await page.waitForFunction(() => /** @type {any} */ (globalThis).loaded);
        await page.evaluate((mode, more) => void (/** @type {any} */ (globalThis).cloud = client(mode, more)), mode, more);
      };

      /** @param {Page} page */
      const list = (page) => page.evaluate(() => outcome(cloud));

      /** @param {Page} page */
      const userOf = (page) => page.evaluate(() => cloud.auth.state.userId);

      /**
       * Firefox keeps no page that has a lock or waits for one, as the one does that has just made an identity.
       *
       * @param {Page} page
       */
      const unlocked = (page) =>
        page.waitForFunction(async () => {
          const { held = [], pending = [] } = await navigator.locks.query();
          return held.length + pending.length === 0;
        }, { polling: 50 });

      /**
       * A page hears of a sign-out in a moment, and in any case before it would look for its next token.
       *
       * @param {Page} page
       */
      const signedOut = (page) =>
        page.waitForFunction(() => cloud.auth.state.status === "signedOut", { polling: 20, timeout: 5_000 });

      it("ten tabs that wake together ask for one token, for a visitor as for a user", async () => {
        await arrive();
        /** @type {Page[]} */
        const tabs = [];
        for (let count = 0; count < 10; count++) tabs.push(await tab(null, { window: true }));
        const [first] = tabs;
        assert.ok(first);
        const windows = await Promise.all(tabs.map((page) => page.windowId()));
        /** @param {"minimized" | "normal"} windowState */
        const show = (windowState) => Promise.all(windows.map((window) => browser.setWindowBounds(window, { windowState })));
        const isHidden = () => Promise.all(tabs.map((page) => page.evaluate(() => document.hidden)));
        const wake = () => tabs.map((page) => page.evaluate(async () => /** @type {any} */ (globalThis).woken));
        await Promise.all(tabs.map((page) => page.evaluate(async () => {
          const here = /** @type {any} */ (globalThis);
          here.clouds = [cloud, client("alice")];
          here.first = await Promise.all(here.clouds.map(outcome));
          // Each wants something at once when it is seen again.
          here.woken = new Promise((resolve) => document.addEventListener("visibilitychange", async ({ isTrusted }) => {
            if (document.hidden) return;
            resolve([isTrusted, ...here.first, ...(await Promise.all(here.clouds.map(outcome)))].join());
          }));
        })));
        assert.equal(site.identities, 1);
        assert.ok((await isHidden()).every((hidden) => !hidden));
        await show("minimized");
        assert.ok((await isHidden()).every((hidden) => hidden));
        // What was on its way has come.
        await unlocked(first);
        const before = site.tokens;
        await sleep(lifetime * 1000);
        assert.equal(site.tokens, before, "a hidden tab has asked");
        await show("normal");
        assert.deepEqual(new Set(await Promise.all(wake())), new Set(["true,listed,listed,listed,listed"]));
        assert.equal(site.tokens - before, 2);
        assert.equal(new Set(await Promise.all(tabs.map(userOf))).size, 1);
        assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
      });

      it("a tab behind another one renews nothing, and looks at its token when it is seen again", async () => {
        await arrive();
        const [seen, behind] = [await tab("alice", { window: true }), await tab("bob", { window: true })];
        assert.deepEqual([await list(seen), await list(behind)], ["listed", "listed"]);
        const started = performance.now();
        await behind.evaluate(() => {
          document.addEventListener("visibilitychange", ({ isTrusted }) => cloud.told.push([document.visibilityState, isTrusted].join()));
        });
        await profile.newPage();
        await until(() => site.asked.filter((path) => path === "/token?user=alice").length === 2, lifetime * 1000);
        await sleep(lifetime * 1000 - (performance.now() - started));
        assert.equal(site.asked.filter((path) => path === "/token?user=bob").length, 1);
        await behind.bringToFront();
        await until(() => site.asked.filter((path) => path === "/token?user=bob").length === 2);
        assert.equal(await list(behind), "listed");
        assert.equal(site.asked.filter((path) => path === "/token?user=bob").length, 2);
        const told = await behind.evaluate(() => cloud.told.filter((/** @type {any} */ event) => typeof event === "string"));
        assert.deepEqual(told, ["hidden,true", "visible,true"]);
        assert.equal(await seen.evaluate(() => document.visibilityState), "visible");
        assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
      });

      it("ten tabs that open together make one person", async () => {
        await arrive();
        const tabs = await Promise.all(Array.from({ length: 10 }, () => tab()));
        assert.deepEqual(new Set(await Promise.all(tabs.map(list))), new Set(["listed"]));
        assert.equal(site.identities, 1);
        assert.equal(new Set(await Promise.all(tabs.map(userOf))).size, 1);
      });

      /**
       * Tabs of which the first is about to get a token, in a process that none of the others is in.
       *
       * @param {string | null} mode @param {number} count
       */
      const queue = async (mode, count) => {
        const tabs = [];
        for (let opened = 0; opened < count; opened++) tabs.push(await tab(mode));
        const [first, ...others] = tabs;
        assert.ok(first);
        const processes = [];
        for (const page of tabs) processes.push(await processOf(browser, page));
        const [holder] = processes;
        assert.ok(holder && processes.lastIndexOf(holder) === 0, processes.join());
        const release = site.hold();
        first.evaluate(() => void (/** @type {any} */ (globalThis).late = outcome(cloud))).catch(() => {});
        await until(() => site.tokens === 1);
        const listed = Promise.all(others.map(list));
        // They wait for their turn.
        await sleep(300);
        assert.equal(site.tokens, 1);
        return { first, holder, release, listed };
      };

      const noProcesses = canFindProcesses ? false : "this machine does not show its processes";

      for (const [who, mode, count] of /** @type {const} */ ([["a user's", "alice", 2], ["a visitor's", null, 3]])) {
        it(`${who} tab whose process is killed while it has the lock holds nobody up`, { skip: noProcesses }, async () => {
          await arrive();
          const { holder, release, listed } = await queue(mode, count);
          const started = performance.now();
          process.kill(holder, "SIGKILL");
          await until(() => site.tokens === 2);
          release();
          assert.deepEqual(new Set(await listed), new Set(["listed"]));
          assert.ok(performance.now() - started < turn, "the tabs have waited for the one that is gone");
          assert.equal(site.tokens, 2);
          assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
        });
      }

      it("a tab whose process is stopped while it has the lock holds nobody up for longer than 10 s", { skip: noProcesses }, async () => {
        await arrive();
        const { first, holder, release, listed } = await queue("alice", 2);
        const started = performance.now();
        process.kill(holder, "SIGSTOP");
        try {
          release();
          assert.deepEqual(await Promise.race([listed, sleep(15_000)]), ["listed"]);
          assert.ok(performance.now() - started > 8_000, "the tab was not stopped");
          assert.equal(site.tokens, 2);
        } finally {
          process.kill(holder, "SIGCONT");
        }
        // The token on its way has died meanwhile; the tab itself goes on.
        await first.evaluate(() => /** @type {any} */ (globalThis).late);
        assert.equal(await list(first), "listed");
        assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
      });

      it("a browser that refuses storage to every site gives a page one identity, and the page says that it will not last", async () => {
        await arrive();
        const strict = await engine.openWithoutStorage();
        try {
          const page = await strict.newPage();
          await page.goto(site.url);
          await ready(page, null);
          const { denied, ...rest } = await page.evaluate(async () => {
            const clouds = [cloud, client(null), client("alice")];
            let denied = "";
            try {
              void localStorage;
            } catch (error) {
              denied = /** @type {DOMException} */ (error).name;
            }
            const listed = await Promise.all(clouds.map(outcome));
            return {
              denied,
              listed,
              users: clouds.map(({ auth }) => auth.state.userId),
              durable: clouds.map(({ auth }) => auth.state.durable),
              warned: clouds.map(({ told }) => told.some((/** @type {any} */ event) => event.error === "ERR_NOT_DURABLE")),
            };
          });
          assert.equal(denied, "SecurityError");
          assert.deepEqual(rest.listed, ["listed", "listed", "listed"]);
          assert.equal(rest.users[0], rest.users[1]);
          assert.deepEqual(rest.durable, [false, false, null]);
          assert.deepEqual(rest.warned, [true, true, false]);
          assert.equal(site.identities, 1);
          assert.equal(site.tokens, 2);
        } finally {
          await strict.close();
        }
      });

      it("a frame to which storage is refused has one identity, and says that it will not last", async () => {
        await arrive();
        const page = await tab();
        const outcome = await page.evaluate(async (origin) => {
          const frame = document.createElement("iframe");
          frame.sandbox.add("allow-scripts");
          frame.srcdoc = `<script type="module">
            import { AssistantCloud } from "${origin}/package/index.js";
            const clouds = [1, 2].map(() => new AssistantCloud({ baseUrl: "${origin}", anonymous: true }));
            const codes = [];
            for (const { auth } of clouds) auth.on("error", ({ error }) => codes.push(error.code ?? String(error)));
            let denied = false;
            try { localStorage; } catch { denied = true; }
            const listed = await Promise.allSettled(clouds.map(({ threads }) => threads.list()));
            const states = clouds.map(({ auth }) => auth.state);
            parent.postMessage({ denied, codes, listed: listed.map(({ status, reason }) => reason ? String(reason) : status),
              users: states.map(({ userId }) => userId), durable: states.map(({ durable }) => durable) }, "*");
          </script>`;
          const told = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data)));
          document.body.append(frame);
          return told;
        }, site.url);
        const { denied, codes, listed, users, durable } = /** @type {any} */ (outcome);
        assert.equal(denied, true);
        assert.deepEqual(listed, ["fulfilled", "fulfilled"]);
        assert.equal(users[0], users[1]);
        assert.deepEqual(durable, [false, false]);
        assert.ok(codes.includes("ERR_NOT_DURABLE"));
        assert.equal(site.identities, 1);
      });

      it("a page that comes back from the back-forward cache knows that the user has signed out meanwhile", async () => {
        await arrive();
        const other = await tab();
        assert.equal(await list(other), "listed");
        const page = await tab();
        assert.equal(await list(page), "listed");
        await unlocked(page);
        await page.goto(`${site.url}/blank`);
        await other.evaluate(() => cloud.auth.signOut());
        await back(page);
        assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).persisted), true, "the page was not kept");
        await signedOut(page);
        assert.equal(await list(page), "ERR_SIGNED_OUT");
        assert.deepEqual(await page.evaluate(() => cloud.told.filter((/** @type {any} */ event) => event.type === "signedOut").map((/** @type {any} */ event) => event.reason)), ["otherTab"]);
      });

      it("a page that comes back from the back-forward cache goes on, with a token that is good", async () => {
        await arrive();
        const page = await tab();
        assert.equal(await list(page), "listed");
        const user = await userOf(page);
        await unlocked(page);
        await page.goto(`${site.url}/blank`);
        await sleep(lifetime * 1000);
        await back(page);
        assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).persisted), true, "the page was not kept");
        assert.equal(await list(page), "listed");
        assert.equal(await userOf(page), user);
        assert.equal(site.identities, 1);
        assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
        // It listens again.
        const other = await tab();
        await other.evaluate(() => cloud.auth.signOut());
        await signedOut(page);
        assert.equal(await list(page), "ERR_SIGNED_OUT");
      });

      it("a sign-out in one tab is not undone by an answer on its way to another", async () => {
        await arrive();
        const [A, B] = [await tab(), await tab()];
        const release = site.hold();
        const listed = list(A);
        await until(() => site.identities === 1);
        await B.evaluate(() => cloud.auth.signOut());
        release();
        assert.equal(await listed, "ERR_SIGNED_OUT");
        assert.equal(await list(A), "ERR_SIGNED_OUT");
        assert.equal(await A.evaluate((key) => localStorage.getItem(key), `aui:refresh_token:${site.url}`), null);
        assert.equal(site.asked.filter((path) => path === "/v1/threads").length, 0);
      });

      for (const hours of [1, -1, 24]) {
        it(`${engine.clock} ${Math.abs(hours)} h ${hours > 0 ? "fast" : "slow"} costs no more calls and sends nothing dead`, async () => {
          await arrive();
          const page = await tab("alice", { clock: hours * 3_600_000 });
          const ahead = (await page.evaluate(() => Date.now())) - Date.now();
          assert.ok(Math.abs(ahead - hours * 3_600_000) < 5_000, `${ahead}`);
          for (let turn = 0; turn < 10; turn++) assert.equal(await list(page), "listed");
          assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).calls), 1);
          assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
          const skew = await page.evaluate(() => cloud.auth.state.clockSkew);
          assert.ok(Math.abs(skew - hours * 3_600_000) < 5_000, `${skew}`);
          assert.equal(await page.evaluate(() => cloud.told.filter((/** @type {any} */ event) => event.type === "clockSkew").length), 1);
        });
      }

      for (const known of [false, true]) {
        it(`a storm of reloads keeps one person, ${known ? "one who has been there before" : "from the first moment on"}`, async () => {
          await arrive();
          if (known) assert.equal(await list(await tab()), "listed");
          const page = await profile.newPage();
          await page.evaluateOnNewDocument(() => {
            const start = setInterval(() => {
              if (!(/** @type {any} */ (globalThis).loaded)) return;
              clearInterval(start);
              const cloud = (/** @type {any} */ (globalThis).cloud = client(null));
              cloud.auth.on("identity", (/** @type {any} */ { userId }) => {
                sessionStorage.people = [...new Set([...(sessionStorage.people ?? "").split(" "), userId])].join(" ").trim();
              });
              cloud.threads.list().catch(() => {});
            }, 1);
          });
          await page.goto(site.url);
          for (let storm = 0; storm < 10; storm++) {
            await page.reload({ waitUntil: "domcontentloaded" });
            await sleep(storm * 20);
          }
          await page.waitForFunction(() => /** @type {any} */ (globalThis).cloud?.auth.state.userId);
          assert.equal(await list(page), "listed");
          assert.equal(await page.evaluate(() => sessionStorage.people), await userOf(page));
          // An answer that no page has lived to see was nobody's.
          if (known) assert.equal(site.identities, 1);
        });
      }

      for (const kind of ["Worker", "SharedWorker"]) {
        it(`a ${kind} of the page is the same visitor, and the same user`, async () => {
          await arrive();
          const page = await tab();
          const users = await page.evaluate(async () => {
            const clouds = [cloud, client("alice")];
            await Promise.all(clouds.map(({ threads }) => threads.list()));
            return clouds.map(({ auth }) => auth.state.userId);
          });
          const told = await page.evaluate((kind) => new Promise((resolve) => {
            if (kind === "Worker") {
              const worker = new Worker("/worker.js", { type: "module" });
              worker.onmessage = ({ data }) => resolve(data);
              worker.postMessage("go");
            } else {
              const { port } = new SharedWorker("/worker.js", { type: "module" });
              port.onmessage = ({ data }) => resolve(data);
            }
          }), kind);
          assert.deepEqual(told, users);
          assert.equal(site.identities, 1);
        });
      }
    });
  }
});

/** A page that is kept is not loaded, which is what the drivers' own way back waits for. @param {Page} page */
async function back(page) {
  await page.evaluate(() => void setTimeout(() => history.back()));
  for (let waited = 0; waited < 10_000; waited += 50) {
    await sleep(50);
    // Until it is shown, there is nothing to say.
    const shown = await page.evaluate(() => "persisted" in globalThis).catch(() => false);
    if (shown) return;
  }
}

/** @param {() => boolean} condition @param {number} [patience] in ms */
async function until(condition, patience = 10_000) {
  for (let waited = 0; !condition(); waited += 20) {
    assert.ok(waited < patience, String(condition));
    await sleep(20);
  }
}
