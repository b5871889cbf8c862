// @ts-check
/** Several conversations, once with each client, on a real Worker. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { act, clients, conversation, conversations, echo, enter, open, ready, reload, said, saved, say, startNew, titled } from "./chat.mjs";
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
  describe(`conversations with ${name}`, () => {
    /** @param {(page: Page, visitor: Visitor) => Promise<void>} work in a new workspace */
    async function visit(work) {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, query);
      await work(page, visitor);
      await visitor.leave();
    }

    it("gives a conversation its title from the first message, and leaves it", () =>
      visit(async (page) => {
        await say(page, "How do I plant tomatoes on a balcony in spring?");
        const title = await titled(page);
        assert.match(title, /tomato/i);
        const count = title.trim().split(/\s+/).length;
        assert.ok(count >= 2 && count <= 7, `${count} words in ${title}`);
        assert.deepEqual(await conversations(page), [title]);
        await say(page, "Something else altogether, about ships");
        await saved(page);
        await reload(page);
        assert.deepEqual(await conversations(page), [title]);
        assert.equal(await titled(page), title);
      }));

    it("keeps conversations apart: new, switched, renamed, archived, brought back, deleted", () =>
      visit(async (page) => {
        await say(page, "About the sea and its fishes");
        const sea = await titled(page);
        await startNew(page);
        await say(page, "About mountains and their goats");
        const mountains = await titled(page);
        await until(async () => (await conversations(page)).length === 2, "two conversations");
        assert.deepEqual(await conversations(page), [mountains, sea]);

        await open(page, sea);
        assert.equal((await said(page))[0], "About the sea and its fishes");
        await open(page, mountains);
        assert.equal((await said(page))[0], "About mountains and their goats");
        await page.goBack();
        await page.getByRole("heading", { name: sea, exact: true, level: 1 }).waitFor();
        assert.equal((await said(page))[0], "About the sea and its fishes");

        await act(page, sea, "Rename");
        await page.getByLabel("New title").fill("Deep water");
        await page.keyboard.press("Enter");
        await conversation(page, "Deep water").waitFor();
        await page.getByRole("status").filter({ hasText: "Renamed to Deep water." }).waitFor({ state: "attached" });

        await act(page, mountains, "Archive");
        await page.getByText("Archived (1)").waitFor();
        await page.getByRole("status").filter({ hasText: "Archived" }).waitFor({ state: "attached" });
        assert.deepEqual(await conversations(page), ["Deep water"]);
        await reload(page);
        assert.deepEqual(await conversations(page), ["Deep water"]);

        await page.getByText("Archived (1)").click();
        await open(page, mountains);
        assert.equal((await said(page))[0], "About mountains and their goats");
        await page.getByText("Archived (1)").waitFor();
        await act(page, mountains, "Bring back");
        await page.getByText("Archived (1)").waitFor({ state: "detached" });
        await page.getByRole("status").filter({ hasText: "Brought back" }).waitFor({ state: "attached" });
        assert.deepEqual((await conversations(page)).sort(), ["Deep water", mountains].sort());

        await act(page, "Deep water", "Delete");
        const dialog = page.getByRole("dialog", { name: "Delete this conversation?" });
        await dialog.getByRole("button", { name: "Keep it" }).click();
        await dialog.waitFor({ state: "detached" });
        await act(page, "Deep water", "Delete");
        await dialog.getByRole("button", { name: "Delete conversation" }).click();
        await conversation(page, "Deep water").waitFor({ state: "detached" });
        await page.getByRole("status").filter({ hasText: "Deleted Deep water." }).waitFor({ state: "attached" });
        await reload(page);
        assert.deepEqual(await conversations(page), [mountains]);
      }));

    it("comes back after a reload, to the conversation that was open", () =>
      visit(async (page, visitor) => {
        await say(page, "The first of two");
        const first = await titled(page);
        await startNew(page);
        await say(page, "The second of two");
        const second = await titled(page);
        await open(page, first);
        await reload(page);
        await page.getByRole("heading", { name: first, exact: true, level: 1 }).waitFor();
        assert.deepEqual(await said(page), ["The first of two", echo("The first of two", 4)]);
        assert.deepEqual(await conversations(page), [second, first]);

        const other = await enter(visitor, query);
        await until(async () => (await conversations(other)).length === 2, "the conversations in another tab");
        assert.deepEqual(await conversations(other), [second, first]);
      }));
  });
}

it("shows the same conversation to both clients", async () => {
  const visitor = await Visitor.arrive(browser, stage.url);
  const page = await enter(visitor, "#anonymous");
  await say(page, "Written with one client");
  const title = await titled(page);
  await saved(page);
  await page.getByRole("radio", { name: "assistant-cloud", exact: true }).check();
  await page.getByText("The official client keeps its token to itself").waitFor();
  await ready(page);
  await page.locator(".message").nth(1).waitFor();
  assert.deepEqual(await said(page), ["Written with one client", echo("Written with one client", 4)]);
  assert.deepEqual(await conversations(page), [title]);
  await say(page, "Answered with the other");
  await saved(page);
  await page.getByRole("radio", { name: "assistant-cloud-edge", exact: true }).check();
  await page.locator('.countdown[data-state="counting"]').waitFor();
  await page.locator(".message").nth(3).waitFor();
  assert.equal((await said(page))[2], "Answered with the other");
  await visitor.leave();
});
