// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Stage } from "./stage.mjs";
import { Visitor, browse, choose, claim, create, events, row, settled, titles, user, workspace } from "./visitor.mjs";

/** @type {Stage} */
let stage;
/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;

before(async () => {
  [stage, browser] = await Promise.all([Stage.open(), browse()]);
});
after(async () => {
  await Promise.all([stage?.close(), browser?.close()]);
});

describe("ways in", () => {
  it("lets an anonymous visitor in at once", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);

    assert.match(await user(page), /^usr_anon_0/);
    assert.equal(await workspace(page), await user(page));
    assert.equal(await claim(page, "sub"), await user(page));
    assert.equal(await claim(page, "iss"), stage.url);
    assert.match(await claim(page, "exp"), /^\d\d:\d\d:\d\d\s+in \d+ (min|s)/);
    assert.match((await events(page)).join("\n"), /A new anonymous identity arrived, good until \d\d:\d\d:\d\d\nAsked the server for a new identity/);
    await visitor.leave();
  });

  it("gets a token from my backend, for whoever is chosen", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    await choose(page, "My backend");
    await settled(page);
    assert.deepEqual([await user(page), await workspace(page)], ["alice", "alice"]);
    assert.match((await events(page)).join("\n"), /The token arrived, good until \d\d:\d\d:\d\d\nAsked my backend for a token/);

    await choose(page, "Bob, in the team");
    await settled(page);
    assert.deepEqual([await user(page), await workspace(page)], ["bob", "team"]);
    assert.equal(await claim(page, "workspace_id"), "team");
    await visitor.leave();
  });

  it("keeps the way and the persona across a reload, and takes them from a link", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/#backend/team-alice");
    await settled(page);
    assert.deepEqual([await user(page), await workspace(page)], ["alice", "team"]);
    await choose(page, "Bob");
    await settled(page);
    await page.reload();
    await settled(page);
    assert.equal(await user(page), "bob");
    assert.equal(await page.getByRole("radio", { name: "Bob", exact: true }).isChecked(), true);
    await visitor.leave();
  });

  it("keeps the identity provider for later and says why", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const provider = page.getByRole("radio", { name: "Identity provider" });
    assert.equal(await provider.isDisabled(), true);
    await page.getByText("Not yet: the server has no rule that says whose tokens to accept.").waitFor();
    await visitor.leave();
  });

  it("says why there is no backend on a server that runs without one", async (t) => {
    const alone = await Stage.open({ backend: false });
    t.after(() => alone.close());
    const visitor = await Visitor.arrive(browser, alone.url);
    const page = await visitor.tab("/#backend/alice");
    await settled(page);
    assert.equal(await page.getByRole("radio", { name: "My backend" }).isDisabled(), true);
    await page.getByText("Not here: this server runs without the demo's token endpoint.").waitFor();
    assert.match(await user(page), /^usr_anon_0/, "falls back to what works");
    await visitor.leave();
  });
});

describe("an anonymous identity", () => {
  it("survives a reload", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const first = await user(page);
    await page.reload();
    await settled(page);
    assert.equal(await user(page), first);
    assert.match((await events(page)).join("\n"), /Welcome back/);
    await visitor.leave();
  });

  it("is one identity in tabs that open at once", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const tabs = await Promise.all(Array.from({ length: 6 }, () => visitor.tab()));
    await Promise.all(tabs.map((tab) => settled(tab)));
    const users = await Promise.all(tabs.map((tab) => user(tab)));
    assert.equal(new Set(users).size, 1, users.join("\n"));
    const [one, two] = tabs;

    await create(one, "Seen in both tabs");
    await two.reload();
    await settled(two);
    assert.deepEqual(await titles(two), ["Seen in both tabs"]);
    await visitor.leave();
  });

  it("is another one in another browser, which sees nothing of the first", async () => {
    const [here, there] = await Promise.all([Visitor.arrive(browser, stage.url), Visitor.arrive(browser, stage.url)]);
    const one = await here.tab();
    await settled(one);
    await create(one, "Mine alone");
    const two = await there.tab();
    await settled(two);
    assert.notEqual(await user(two), await user(one));
    assert.deepEqual(await titles(two), []);
    await Promise.all([here.leave(), there.leave()]);
  });

  it("waits while another way is tried", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    await settled(page);
    const first = await user(page);
    await choose(page, "My backend");
    await settled(page);
    await choose(page, "Anonymous visitor");
    await settled(page);
    assert.equal(await user(page), first);
    await visitor.leave();
  });
});

describe("a team", () => {
  it("shares its threads, and keeps them apart from each member's own", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const alice = await visitor.tab("/#backend/team-alice");
    await settled(alice);
    await create(alice, "Plan of the team");

    const bob = await visitor.tab("/#backend/team-bob");
    await settled(bob);
    await row(bob, "Plan of the team").waitFor();
    await choose(bob, "Bob");
    await settled(bob);
    assert.ok(!(await titles(bob)).includes("Plan of the team"));
    await visitor.leave();
  });
});

describe("switching", () => {
  it("never shows the previous person's threads, not even when their answer comes late", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/#backend/alice");
    await settled(page);
    await create(page, "Alice's secret");

    // Alice's next list is held on the wire until Bob is there.
    let release = () => {};
    const bobIsHere = new Promise((resolve) => (release = () => resolve(undefined)));
    let held = 0;
    await page.route("**/v1/threads?*", async (route) => {
      const answer = await route.fetch();
      if ((await answer.text()).includes("Alice's secret")) {
        held += 1;
        await bobIsHere;
      }
      await route.fulfill({ response: answer }).catch(() => {});
    });
    await page.reload();
    await page.locator('.countdown[data-state="counting"]').waitFor();
    await watchFor(page, "Alice's secret", "alice");

    await choose(page, "Bob");
    await settled(page);
    assert.equal(await user(page), "bob");
    release();
    await create(page, "Bob's own");
    await page.waitForTimeout(500);
    assert.equal(held, 1, "Alice's list was on its way");
    assert.deepEqual(await seen(page), []);
    await visitor.leave();
  });

  it("takes the previous person's threads, claims and events away in the same moment", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/#backend/alice");
    await settled(page);
    await create(page, "Alice's other secret");
    await watchFor(page, "Alice's other secret", "alice");
    await choose(page, "Bob");
    await settled(page);
    assert.deepEqual(await seen(page), []);
    assert.equal(await claim(page, "sub"), "bob");
    await visitor.leave();
  });
});

/**
 * Notes every mutation and every frame after the next choice of a persona in which the room still has one of the words.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[]} words
 */
async function watchFor(page, ...words) {
  await page.evaluate((words) => {
    const room = /** @type {HTMLElement} */ (document.getElementById("room"));
    /** @type {string[]} */
    const seen = [];
    Object.assign(window, { seen });
    const look = (/** @type {string} */ when) => {
      for (const word of words) if (room.textContent?.includes(word)) seen.push(`${word} (${when})`);
    };
    addEventListener(
      "change",
      () => {
        new MutationObserver((mutations) => {
          look("mutation");
          for (const node of mutations.flatMap(({ addedNodes }) => [...addedNodes])) {
            for (const word of words) if (node.textContent?.includes(word)) seen.push(`${word} (added)`);
          }
        }).observe(room, { subtree: true, childList: true, characterData: true, attributes: true });
        const frame = () => {
          look("frame");
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      },
      { capture: true, once: true },
    );
  }, words);
}

/** @param {import("playwright-core").Page} page @returns {Promise<string[]>} */
const seen = (page) => page.evaluate(() => /** @type {any} */ (window).seen);
