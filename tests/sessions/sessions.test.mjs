// @ts-check
/** The token session in real browsers, with real tabs, locks, channels, storage and workers, before the real Worker. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "node:test";
import { engines } from "./browsers.mjs";
import { Site } from "./site.mjs";

/** @import { Browser, BrowserContext, Page } from "puppeteer-core" */

/** In seconds. The client renews after three quarters of it. */
const lifetime = 10;

/** What a test does in a page, where these are. */
/** @type {any} */
const { cloud, client, outcome } = globalThis;

for (const engine of engines) {
  const skip = engine.path ? false : `there is no ${engine.name} on this machine`;
  describe(`in ${engine.name}`, { skip }, () => {
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
     * @param {{ clock?: number, more?: object }} [options] `clock`: how far it is ahead, in ms
     */
    const tab = async (mode = null, { clock = 0, more = {} } = {}) => {
      const page = await profile.newPage();
      await page.evaluateOnNewDocument((ahead) => {
        // Headless tabs are all visible; this one is away when it says so.
        Object.defineProperty(document, "visibilityState", { get: () => (/** @type {any} */ (globalThis).away ? "hidden" : "visible") });
        if (!ahead) return;
        const Right = Date;
        globalThis.Date = /** @type {any} */ (
          class extends Right {
            /** @param {any[]} args */
            constructor(...args) {
              super(.../** @type {[]} */ (args.length > 0 ? args : [Right.now() + ahead]));
            }
            static now() {
              return Right.now() + ahead;
            }
          }
        );
      }, clock);
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

    it("ten tabs that wake together ask for one token, for a visitor as for a user", async () => {
      await arrive();
      /** @type {Page[]} */
      const tabs = [];
      for (let count = 0; count < 10; count++) tabs.push(await tab());
      const wake = () => tabs.map((page) => page.evaluate(async () => /** @type {any} */ (globalThis).woken));
      await Promise.all(tabs.map((page) => page.evaluate(async () => {
        const here = /** @type {any} */ (globalThis);
        here.clouds = [cloud, client("alice")];
        here.first = await Promise.all(here.clouds.map(outcome));
        // All tabs wake in one moment, and want something at once.
        here.alarm = new BroadcastChannel("alarm");
        here.woken = new Promise((resolve) => (here.alarm.onmessage = async () => {
          here.away = false;
          document.dispatchEvent(new Event("visibilitychange"));
          resolve([...here.first, ...(await Promise.all(here.clouds.map(outcome)))].join());
        }));
        here.away = true;
        document.dispatchEvent(new Event("visibilitychange"));
      })));
      assert.equal(site.identities, 1);
      await sleep(lifetime * 1000);
      const before = site.tokens;
      await tabs[0]?.evaluate(() => {
        new BroadcastChannel("alarm").postMessage("wake");
      });
      assert.deepEqual(new Set(await Promise.all(wake())), new Set(["listed,listed,listed,listed"]));
      assert.equal(site.tokens - before, 2);
      assert.equal(new Set(await Promise.all(tabs.map(userOf))).size, 1);
      assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
    });

    it("ten tabs that open together make one person", async () => {
      await arrive();
      const tabs = await Promise.all(Array.from({ length: 10 }, () => tab()));
      assert.deepEqual(new Set(await Promise.all(tabs.map(list))), new Set(["listed"]));
      assert.equal(site.identities, 1);
      assert.equal(new Set(await Promise.all(tabs.map(userOf))).size, 1);
    });

    it("a tab that dies while it has the lock holds nobody up", async () => {
      await arrive();
      const [dying, living] = [await tab("alice"), await tab("alice")];
      const release = site.hold();
      dying.evaluate(() => void cloud.threads.list().catch(() => {})).catch(() => {});
      await until(() => site.tokens === 1);
      const listed = list(living);
      await sleep(300);
      assert.equal(site.tokens, 1);
      const started = performance.now();
      await dying.close();
      await until(() => site.tokens === 2);
      release();
      assert.equal(await listed, "listed");
      assert.ok(performance.now() - started < 5_000);
    });

    it("storage that is refused leaves one identity for the page, and says that it will not last", async () => {
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
      // Not the tab that has just made the identity: it says so for 5 s, by a lock for which Firefox does not keep a page.
      const page = await tab();
      assert.equal(await list(page), "listed");
      await page.goto(`${site.url}/blank`);
      await other.evaluate(() => cloud.auth.signOut());
      await back(page);
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).persisted), true, "the page was not kept");
      assert.equal(await list(page), "ERR_SIGNED_OUT");
      assert.equal(await page.evaluate(() => cloud.auth.state.status), "signedOut");
      assert.deepEqual(await page.evaluate(() => cloud.told.filter((/** @type {any} */ event) => event.type === "signedOut").map((/** @type {any} */ event) => event.reason)), ["otherTab"]);
    });

    it("a page that comes back from the back-forward cache goes on, with a token that is good", async () => {
      await arrive();
      assert.equal(await list(await tab()), "listed");
      const page = await tab();
      assert.equal(await list(page), "listed");
      const user = await userOf(page);
      await page.goto(`${site.url}/blank`);
      await sleep(lifetime * 1000);
      await back(page);
      assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).persisted), true, "the page was not kept");
      assert.equal(await list(page), "listed");
      assert.equal(await userOf(page), user);
      assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
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

    for (const hours of [-1, 24]) {
      it(`a clock ${hours} h off costs no more calls and sends nothing dead`, async () => {
        await arrive();
        const page = await tab("alice", { clock: hours * 3_600_000 });
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
      it(`a ${kind} of the page is the same person`, async () => {
        await arrive();
        const page = await tab();
        assert.equal(await list(page), "listed");
        const user = await page.evaluate((kind) => new Promise((resolve) => {
          if (kind === "Worker") {
            const worker = new Worker("/worker.js", { type: "module" });
            worker.onmessage = ({ data }) => resolve(data);
            worker.postMessage("go");
          } else {
            const { port } = new SharedWorker("/worker.js", { type: "module" });
            port.onmessage = ({ data }) => resolve(data);
          }
        }), kind);
        assert.equal(user, await userOf(page));
        assert.equal(site.identities, 1);
      });
    }
  });
}

/** A page that is kept is not loaded, which is what the drivers' own way back waits for. @param {Page} page */
async function back(page) {
  await page.evaluate(() => void setTimeout(() => history.back()));
  for (let waited = 0; waited < 50; waited++) {
    await sleep(100);
    const returned = await page.evaluate(() => "persisted" in globalThis).catch(() => false);
    if (returned) return;
  }
}

/** @param {() => boolean} condition */
async function until(condition) {
  for (let waited = 0; !condition(); waited += 20) {
    assert.ok(waited < 10_000, String(condition));
    await sleep(20);
  }
}
