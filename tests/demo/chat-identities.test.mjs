// @ts-check
/** Whose conversations are whose, when several people use one server, or one browser. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { clients, conversation, conversations, echo, enter, open, ready, reload, said, saved, say, signIn, signOut, titled } from "./chat.mjs";
import { Stage } from "./stage.mjs";
import { Visitor, browse, until } from "./visitor.mjs";

/** @import { Page } from "playwright-core" */

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

for (const { name, query } of clients) {
  describe(`people in the chat, with ${name}`, () => {
    it("are strangers in two browsers, of whom neither sees anything of the other", async () => {
      const here = await Visitor.arrive(browser, stage.url);
      const page = await enter(here, query);
      await say(page, "Only for this browser");
      await titled(page);
      await saved(page);

      const there = await Visitor.arrive(browser, stage.url);
      const other = await enter(there, query);
      assert.deepEqual(await conversations(other), []);
      // Nor by its address.
      const id = page.url().match(/thread_\w+/)?.[0];
      assert.ok(id);
      const stolen = await enter(there, `${query}#anonymous/${id}`);
      await stolen.getByText("The conversation in the address could not be opened.").waitFor();
      assert.deepEqual(await said(stolen), []);
      assert.doesNotMatch(stolen.url(), /thread_/, "and the address leads nowhere");
      there.complaints.splice(0);
      await Promise.all([here.leave(), there.leave()]);
    });

    it("share what belongs to their team", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const alice = await enter(visitor, `${query}#backend/team-alice`);
      await say(alice, `Plan of the team with ${name}`);
      const title = await titled(alice);
      await saved(alice);
      const bob = await enter(visitor, `${query}#backend/team-bob`);
      await conversation(bob, title).waitFor();
      await open(bob, title);
      assert.equal((await said(bob))[0], `Plan of the team with ${name}`);
      await signOut(bob);
      await signIn(bob, "Bob");
      assert.ok(!(await conversations(bob)).includes(title));
      await visitor.leave();
    });

    it("sign out and in as another, who never sees the last one's conversations", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, `${query}#backend/alice`);
      const secret = `Xylophone of Alice, ${name}`;
      await say(page, secret);
      const title = await titled(page);
      assert.match(title, /xylophone/i);
      await saved(page);

      await watchFor(page, "xylophone");
      await signOut(page);
      assert.deepEqual(await conversations(page), []);
      await signIn(page, "Bob");
      await say(page, "From Bob");
      await titled(page);
      await page.goBack();
      await page.goForward();
      await ready(page);
      assert.deepEqual(await seen(page), []);
      await visitor.leave();
    });

    it("are gone in the moment they sign out, also when their answers come late", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, `${query}#backend/alice`);
      await say(page, `Yesterday's quince, ${name}`);
      await titled(page);
      await saved(page);

      // Alice's list and messages stay on the wire until Bob is there.
      let release = () => {};
      const bobIsHere = new Promise((resolve) => (release = () => resolve(undefined)));
      let held = 0;
      await page.route(/\/v1\/threads/, async (route) => {
        const answer = await route.fetch();
        if (route.request().method() === "GET" && /quince/i.test(await answer.text())) {
          held += 1;
          await bobIsHere;
        }
        await route.fulfill({ response: answer }).catch(() => {});
      });
      await page.reload();
      await page.getByText("Signed in as").waitFor();
      await until(async () => held >= 2, "Alice's list and messages on their way");
      await watchFor(page, "quince");
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("Anonymous visitor").waitFor();
      await signIn(page, "Bob");
      release();
      await say(page, "Bob was here");
      await page.waitForTimeout(500);
      assert.deepEqual(await seen(page), []);
      await page.unroute(/\/v1\/threads/);
      // Our client gives the waiting list up, rather than hand Alice's over; the chat's runtime says so.
      visitor.complaints = visitor.complaints.filter((text) => !text.includes("The session was invalidated while"));
      await visitor.leave();
    });

    it("may sign out in the middle of an answer, which then writes nowhere else", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, `${query}#backend/team-alice`);
      const long = `Zeppelin ${Array.from({ length: 120 }, (_, index) => `and ${index}`).join(" ")}`;
      await page.getByLabel("Message", { exact: true }).fill(long);
      await page.keyboard.press("Enter");
      await page.getByText("You wrote 241 words.").waitFor();
      await watchFor(page, "zeppelin");
      await signOut(page);
      await signIn(page, "Bob");
      await saved(page);
      assert.deepEqual(await seen(page), []);
      assert.ok(!(await conversations(page)).some((title) => /zeppelin/i.test(title)));
      await visitor.leave();
    });

    it("keep what they wrote as visitors when they sign in, if they want to", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, query);
      const words = `Kept from before, ${name}`;
      await say(page, words);
      const title = await titled(page);
      const count = (words.match(/[\w']+/g) ?? []).length;
      await saved(page);
      await signIn(page, "Alice");
      await page.getByText("You had 1 conversation as a visitor.").waitFor();
      assert.ok(!(await conversations(page)).includes(title), "not without being asked");
      await page.getByRole("button", { name: "Keep my conversations" }).click();
      await page.getByText("Kept: 1 conversation moved here.").waitFor();
      await open(page, title);
      assert.deepEqual(await said(page), [words, echo(words, count)]);
      await reload(page);
      assert.deepEqual(await said(page), [words, echo(words, count)]);

      await signOut(page);
      assert.deepEqual(await conversations(page), [], "they moved, they were not copied");
      await signIn(page, "Alice");
      assert.equal(await page.getByText("as a visitor").count(), 0, "there is nothing left to keep");
      await visitor.leave();
    });

    it("leave behind what they wrote as visitors, if they do not", async () => {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, query);
      await say(page, "Stays with the visitor");
      const title = await titled(page);
      await saved(page);
      await signIn(page, "Bob");
      await page.getByRole("button", { name: "Leave them" }).click();
      assert.equal(await page.getByText("as a visitor").count(), 0);
      await signOut(page);
      await until(async () => (await conversations(page)).length > 0, "the visitor's conversation");
      assert.deepEqual(await conversations(page), [title]);
      await visitor.leave();
    });
  });
}

describe("the token beside the chat", () => {
  it("is the one the chat uses, and can be renewed under it", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor, "#backend/team-bob");
    await page.locator('.countdown[data-state="counting"]').waitFor();
    assert.equal(await page.locator('[data-part="user"]').innerText(), "bob");
    assert.equal(await page.locator('[data-part="workspace"]').innerText(), "team");
    await page.getByText("Asked my backend for a token").waitFor();
    await page.getByRole("button", { name: "Renew now" }).click();
    await page.getByText("Renewed: a new token arrived").waitFor();
    await say(page, "With the new token");
    await visitor.leave();
  });

  it("takes whoever is here along to its own page, and back", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor, "#backend/team-bob");
    await page.getByRole("link", { name: "Token" }).click();
    await page.locator('.countdown[data-state="counting"]').waitFor();
    assert.equal(await page.locator('[data-part="workspace"]').innerText(), "team");
    await page.getByRole("radio", { name: "Bob", exact: true }).check();
    await page.getByRole("link", { name: "Chat" }).click();
    await ready(page);
    assert.equal(await page.locator(".account-name").innerText(), "Bob");
    await visitor.leave();
  });

  it("says that there is nobody to sign in as on a server that runs without the demo's backend", async (t) => {
    const alone = await Stage.open({ backend: false });
    t.after(() => alone.close());
    const visitor = await Visitor.arrive(browser, alone.url);
    const page = await enter(visitor, "#backend/alice");
    assert.equal(await page.locator(".account-name").innerText(), "Anonymous visitor");
    await page.getByText("This server runs without the demo's token endpoint").waitFor();
    await visitor.leave();
  });

  it("keeps the door shut where visitors are not let in", async (t) => {
    const strict = await Stage.open({ vars: { ANONYMOUS: "off" } });
    t.after(() => strict.close());
    const visitor = await Visitor.arrive(browser, strict.url);
    const page = await visitor.tab("/chat/");
    await page.getByRole("heading", { name: "Sign in to chat" }).waitFor();
    await signIn(page, "Alice");
    await say(page, "Inside");
    await visitor.leave();
  });
});

/**
 * From the next click on, notes every mutation and every frame in which the page has a word in it: in its text, in what
 * was added to it, in any attribute or field.
 *
 * @param {Page} page
 * @param {string} word
 */
async function watchFor(page, word) {
  await page.evaluate((word) => {
    /** @type {string[]} */
    const seen = [];
    Object.assign(window, { seen });
    const has = (/** @type {Node} */ node) => {
      const markup = node instanceof Element ? node.outerHTML : (node.textContent ?? "");
      return markup.toLowerCase().includes(word);
    };
    const look = (/** @type {string} */ when) => {
      const fields = [...document.querySelectorAll("input, textarea")].map((field) => /** @type {HTMLInputElement} */ (field).value);
      if (has(document.documentElement) || document.title.toLowerCase().includes(word)) seen.push(when);
      if (fields.some((value) => value.toLowerCase().includes(word))) seen.push(`${when}, in a field`);
    };
    let leaving = false;
    const observe = () => {
      new MutationObserver((mutations) => {
        const someoneElse = !document.querySelector(".account-name")?.textContent?.startsWith("Alice");
        leaving ||= someoneElse;
        if (!leaving) return;
        look("mutation");
        for (const node of mutations.flatMap(({ addedNodes }) => [...addedNodes])) if (has(node)) seen.push("added");
      }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      const frame = () => {
        if (leaving) look("frame");
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    };
    observe();
  }, word);
}

/** @param {Page} page @returns {Promise<string[]>} */
const seen = (page) => page.evaluate(() => /** @type {any} */ (window).seen);
