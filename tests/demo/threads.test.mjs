// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { Stage } from "./stage.mjs";
import { Visitor, browse, choose, create, row, settled, titles, until, user } from "./visitor.mjs";

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

/** @param {(page: Page, visitor: Visitor) => Promise<void>} work in a new workspace */
async function visit(work) {
  const visitor = await Visitor.arrive(browser, stage.url);
  const page = await visitor.tab();
  await settled(page);
  await work(page, visitor);
  await visitor.leave();
}

/** @param {Page} page */
async function reload(page) {
  await page.reload();
  await settled(page);
}

describe("threads", () => {
  it("starts with an invitation", () =>
    visit(async (page) => {
      await page.getByText("No threads yet. The first one starts with a name.").waitFor();
      assert.deepEqual(await titles(page), []);
    }));

  it("creates, newest first, and keeps them", () =>
    visit(async (page) => {
      await create(page, "First");
      await create(page, "Second <b>& 日本語</b>");
      assert.deepEqual(await titles(page), ["Second <b>& 日本語</b>", "First"]);
      assert.equal(await page.getByLabel("Title of the new thread").inputValue(), "");
      await reload(page);
      assert.deepEqual(await titles(page), ["Second <b>& 日本語</b>", "First"]);
    }));

  it("creates nothing without a name", () =>
    visit(async (page) => {
      await page.getByLabel("Title of the new thread").fill("   ");
      await page.getByRole("button", { name: "Create" }).click();
      await page.waitForTimeout(300);
      assert.deepEqual(await titles(page), []);
      assert.equal(await page.getByRole("alert").count(), 0, "and nobody was asked to");
    }));

  it("renames in place, keeps the name on Escape, and refuses an empty one", () =>
    visit(async (page) => {
      await create(page, "Draft");
      await page.getByRole("button", { name: "Rename “Draft”" }).click();
      await page.getByLabel("New title").fill("Something else");
      await page.keyboard.press("Escape");
      assert.deepEqual(await titles(page), ["Draft"]);

      await page.getByRole("button", { name: "Rename “Draft”" }).click();
      assert.equal(await page.getByLabel("New title").inputValue(), "Draft", "what was dropped does not come back");
      await page.getByLabel("New title").fill("");
      await page.keyboard.press("Enter");
      await page.getByText("A thread needs a name.").waitFor();
      await page.getByLabel("New title").fill("Final");
      await page.keyboard.press("Enter");
      await row(page, "Final").waitFor();
      await reload(page);
      assert.deepEqual(await titles(page), ["Final"]);
    }));

  it("archives and brings back", () =>
    visit(async (page) => {
      await create(page, "Stays");
      await create(page, "Goes");
      await page.getByRole("button", { name: "Archive “Goes”" }).click();
      await row(page, "Goes").waitFor({ state: "detached" });
      assert.deepEqual(await titles(page), ["Stays"]);

      await choose(page, "Archived");
      await row(page, "Goes").waitFor();
      assert.deepEqual(await titles(page), ["Goes"]);
      await page.getByRole("button", { name: "Bring back “Goes”" }).click();
      await page.getByText("Nothing is archived.").waitFor();
      await reload(page);
      assert.deepEqual((await titles(page)).sort(), ["Goes", "Stays"]);
    }));

  it("turns to the active ones when one is created among the archived", () =>
    visit(async (page) => {
      await choose(page, "Archived");
      await page.getByText("Nothing is archived.").waitFor();
      await create(page, "New");
      assert.equal(await page.getByRole("radio", { name: "Active" }).isChecked(), true);
    }));

  it("asks before it deletes, and deletes for good", () =>
    visit(async (page) => {
      await create(page, "Precious");
      await create(page, "Waste");
      await page.getByRole("button", { name: "Delete “Waste”" }).click();
      const dialog = page.getByRole("dialog", { name: "Delete this thread?" });
      await dialog.getByText("Waste goes with everything in it. This cannot be undone.").waitFor();
      await dialog.getByRole("button", { name: "Keep it" }).click();
      await dialog.waitFor({ state: "hidden" });
      assert.deepEqual(await titles(page), ["Waste", "Precious"]);

      await page.getByRole("button", { name: "Delete “Waste”" }).click();
      await dialog.getByRole("button", { name: "Delete thread" }).click();
      await dialog.waitFor({ state: "hidden" });
      assert.deepEqual(await titles(page), ["Precious"]);
      await reload(page);
      assert.deepEqual(await titles(page), ["Precious"]);
    }));

  it("loads more, each thread once, in order", () =>
    visit(async (page) => {
      const count = 45;
      await page.evaluate(async (count) => {
        const { AssistantCloud } = await import(/** @type {any} */ ("/package/index.js"));
        const cloud = new AssistantCloud({ baseUrl: location.origin, anonymous: true });
        for (let n = 1; n <= count; n += 1) {
          await cloud.threads.create({ title: `Thread ${n}`, last_message_at: new Date(Date.now() + n) });
        }
      }, count);
      await reload(page);
      const more = page.getByRole("button", { name: "Load more" });
      assert.equal((await titles(page)).length, 20);
      await more.press("Enter");
      await until(async () => (await titles(page)).length === 40, "the second page");
      assert.equal(await more.evaluate((button) => button === document.activeElement), true, "the focus stays");
      await more.click();
      await until(async () => (await titles(page)).length === 45, "the third page");
      assert.equal(await more.isVisible(), false);
      const expected = Array.from({ length: count }, (_, index) => `Thread ${count - index}`);
      assert.deepEqual(await titles(page), expected);
    }));

  it("has no more to load after exactly one page", () =>
    visit(async (page) => {
      for (let n = 1; n <= 20; n += 1) await create(page, `Thread ${n}`);
      await reload(page);
      assert.equal((await titles(page)).length, 20);
      assert.equal(await page.getByRole("button", { name: "Load more" }).isVisible(), false);
    }));

  it("says in words when a thread is gone already", () =>
    visit(async (page, visitor) => {
      await create(page, "Shared");
      const other = await visitor.tab();
      await settled(other);
      assert.equal(await user(other), await user(page));
      await other.getByRole("button", { name: "Delete “Shared”" }).click();
      await other.getByRole("button", { name: "Delete thread" }).click();
      await row(other, "Shared").waitFor({ state: "detached" });

      await page.getByRole("button", { name: "Archive “Shared”" }).click();
      await page.getByText("It stays where it was. It does not exist any more.").waitFor();
      // The browser itself notes a 404 in the console.
      visitor.complaints.splice(0);
    }));
});

describe("the keyboard alone", () => {
  it("gets everywhere", () =>
    visit(async (page) => {
      const press = (/** @type {string[]} */ ...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
      const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.getAttribute("value") ?? document.activeElement?.textContent?.trim() ?? "");
      await press("Tab");
      assert.equal(await focused(), "Skip to the workspace");
      await press("Tab");
      assert.equal(await focused(), "Token");
      await press("Tab");
      assert.equal(await focused(), "Chat");
      await press("Tab");
      assert.equal(await focused(), "anonymous");
      await press("ArrowRight");
      await settled(page);
      assert.equal(await user(page), "alice");
      assert.equal(await focused(), "backend");
      await press("Tab", "ArrowRight");
      await settled(page);
      assert.equal(await user(page), "bob");

      await press("Tab");
      assert.equal(await focused(), "Renew now");
      await press("Enter");
      await page.getByText("Renewed: a new token arrived").waitFor();
      assert.equal(await focused(), "Renew now", "the focus stays");
      await press("Tab", "Tab");
      await page.keyboard.type("By keyboard");
      await press("Enter");
      await row(page, "By keyboard").waitFor();
      await page.keyboard.type("Another");
      await press("Enter");
      await row(page, "Another").waitFor();

      await press("Tab", "Tab");
      assert.equal(await focused(), "Rename “Another”");
      await press("Enter");
      await page.keyboard.type("Renamed");
      await press("Enter");
      await row(page, "Renamed").waitFor();
      assert.equal(await focused(), "Rename “Renamed”");
      await press("Enter");
      await page.keyboard.type("Not this");
      await press("Escape");
      assert.equal(await focused(), "Rename “Renamed”");

      await press("Tab", "Enter");
      await row(page, "Renamed").waitFor({ state: "detached" });
      assert.equal(await focused(), "Archive “By keyboard”", "the focus goes on to the next thread");
      await press("Tab", "Enter");
      assert.equal(await focused(), "Keep it", "the way out comes first");
      await press("Escape");
      assert.equal(await focused(), "Delete “By keyboard”");
      await press("Enter", "Tab", "Enter");
      await row(page, "By keyboard").waitFor({ state: "detached" });
      assert.equal(await focused(), "active", "the focus stays near");
    }));

  it("always sees where it is", () =>
    visit(async (page) => {
      await create(page, "One");
      await reload(page);
      /** @type {string[]} */
      const unseen = [];
      let stops = 0;
      for (; stops < 30; stops += 1) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
          const element = document.activeElement;
          if (!element || element === document.body) return null;
          const drawn = [element, element.nextElementSibling, element.closest("label")].some((candidate) => {
            if (!candidate) return false;
            const { outlineStyle, outlineWidth } = getComputedStyle(candidate);
            return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
          });
          return { name: element.outerHTML.slice(0, 80), drawn };
        });
        if (!stop) break;
        if (!stop.drawn) unseen.push(stop.name);
      }
      assert.ok(stops >= 9, `only ${stops} stops`);
      assert.deepEqual(unseen, []);
    }));
});
