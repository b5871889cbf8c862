// @ts-check
/** One conversation with everything in it, once with each client, on a real Worker. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { answered, attach, clients, echo, enter, png, reload, said, saved, say, titled } from "./chat.mjs";
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
  describe(`a chat with ${name}`, () => {
    /** @param {(page: Page, visitor: Visitor) => Promise<void>} work in a new workspace */
    async function visit(work) {
      const visitor = await Visitor.arrive(browser, stage.url);
      const page = await enter(visitor, query);
      await work(page, visitor);
      await visitor.leave();
    }

    it("streams its answer word by word, with a tool's result in it, and keeps all of it", () =>
      visit(async (page) => {
        const words = "Please count these words for me";
        await watchAnswer(page);
        await say(page, words);
        const lengths = await page.evaluate(() => /** @type {any} */ (window).lengths.size);
        assert.ok(lengths > 4, `${lengths} lengths of the answer`);
        const all = [words, echo(words, 6)];
        assert.deepEqual(await said(page), all);
        await say(page, "And once more");
        all.push("And once more", echo("And once more", 3));
        assert.deepEqual(await said(page), all);

        await saved(page);
        await reload(page);
        assert.deepEqual(await said(page), all);
        assert.match(page.url(), /thread_0/, "the address leads back to it");
      }));

    it("writes what the tool has answered into the message that had asked", () =>
      visit(async (page) => {
        /** @type {string[]} */
        const writes = [];
        page.on("request", (request) => {
          const { pathname } = new URL(request.url());
          if (/\/messages(\/[^/]+)?$/.test(pathname) && request.method() !== "GET" && request.method() !== "OPTIONS") {
            writes.push(`${request.method()} ${request.postDataJSON().content.role} ${JSON.stringify(request.postDataJSON().content.status?.type)}`);
          }
        });
        await say(page, "One two three");
        await saved(page);
        assert.deepEqual(writes, ['POST user undefined', 'POST assistant "requires-action"', 'PUT assistant "complete"']);
      }));

    it("goes on with a tool call that a reload has interrupted", () =>
      visit(async (page) => {
        const stored = page.waitForResponse((response) => response.request().method() === "POST" && (response.request().postData() ?? "").includes("requires-action"));
        await page.getByLabel("Message", { exact: true }).fill("Interrupted in the middle");
        await page.keyboard.press("Enter");
        await stored;
        await page.reload();
        await answered(page);
        assert.deepEqual(await said(page), ["Interrupted in the middle", echo("Interrupted in the middle", 4)]);
        await saved(page);
        await reload(page);
        assert.deepEqual(await said(page), ["Interrupted in the middle", echo("Interrupted in the middle", 4)]);
      }));

    it("can be stopped, and keeps what it has said so far", () =>
      visit(async (page) => {
        const long = Array.from({ length: 200 }, (_, index) => `word${index}`).join(" ");
        await page.getByLabel("Message", { exact: true }).fill(long);
        await page.keyboard.press("Enter");
        await page.getByText("You wrote 200 words.").waitFor();
        await page.getByRole("button", { name: "Stop" }).click();
        await page.getByText("Stopped.").waitFor();
        const soFar = await said(page);
        await saved(page);
        await reload(page);
        assert.deepEqual(await said(page), soFar);
        await page.getByText("Stopped.").waitFor();
      }));

    it("branches where a message is changed or answered again, and keeps every branch", () =>
      visit(async (page) => {
        await say(page, "First question");
        await say(page, "Second question");
        const first = page.locator(".from-user").first();
        await first.hover();
        await first.getByRole("button", { name: "Edit" }).click();
        await page.getByLabel("Change your message").fill("First question, changed now");
        await page.locator(".edit").getByRole("button", { name: "Send" }).click();
        await answered(page);
        const changed = ["First question, changed now", echo("First question, changed now", 4)];
        assert.deepEqual(await said(page), changed);
        await first.getByText("2 of 2").waitFor();

        await first.getByRole("button", { name: "Previous version" }).click();
        const original = ["First question", echo("First question", 2), "Second question", echo("Second question", 2)];
        assert.deepEqual(await said(page), original);

        const answer = page.locator(".from-assistant").last();
        await answer.hover();
        await answer.getByRole("button", { name: "Answer again" }).click();
        await page.locator(".from-assistant").last().getByText("2 of 2").waitFor();
        await answered(page);
        assert.deepEqual(await said(page), original);
        await saved(page);

        await reload(page);
        await page.locator(".from-assistant").last().getByText("2 of 2").waitFor();
        assert.deepEqual(await said(page), original);
        await page.locator(".from-user").first().getByText("1 of 2").waitFor();
        await page.locator(".from-user").first().getByRole("button", { name: "Next version" }).click();
        assert.deepEqual(await said(page), changed);
      }));

    it("takes a picture and a text along, and shows both after a reload", () =>
      visit(async (page) => {
        const picture = { name: "red.png", mimeType: "image/png", buffer: png(120, 80, [200, 30, 30]) };
        const text = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Remember the milk.\nÄpfel auch.") };
        await attach(page, [picture, text]);
        await say(page, "What are these");
        assert.deepEqual(await said(page), ["What are these", echo("What are these", 3, "I have received red.png and notes.txt.")]);
        await showsPicture(page);
        await saved(page);

        await reload(page);
        await showsPicture(page);
        const tab = page.waitForEvent("popup");
        await page.getByRole("button", { name: "notes.txt" }).click();
        const opened = await tab;
        await opened.waitForURL(/^http/);
        const answer = await fetch(opened.url());
        assert.equal(answer.status, 200);
        assert.equal(await answer.text(), text.buffer.toString());
        await opened.close();
      }));

    it("keeps a rating, and the last one counts", () =>
      visit(async (page) => {
        await say(page, "Rate this answer");
        await saved(page);
        const good = page.getByRole("button", { name: "Good answer" });
        const bad = page.getByRole("button", { name: "Bad answer" });
        const stored = (/** @type {string} */ type) =>
          page.waitForResponse(async (response) => response.url().endsWith("/feedback") && (await response.json()).type === type);
        const [positive] = await Promise.all([stored("positive"), good.click()]);
        assert.equal(positive.status(), 200);
        assert.equal(await good.getAttribute("aria-pressed"), "true");
        const [negative] = await Promise.all([stored("negative"), bad.click()]);
        assert.deepEqual((await negative.json()).feedback_id, (await positive.json()).feedback_id, "one rating, changed");
        await saved(page);
        await reload(page);
        assert.equal(await bad.getAttribute("aria-pressed"), "true");
        assert.equal(await good.getAttribute("aria-pressed"), "false");
      }));

    it("finds the answer to rate behind the latest 200 messages", () =>
      visit(async (page) => {
        await say(page, "Far up in a long conversation");
        await saved(page);
        const at = "2026-01-01T12:00:00.000Z";
        const row = { parent_id: null, height: 9, created_at: at, updated_at: at, format: "aui/v0", external_id: null, content: {} };
        const messages = Array.from({ length: 200 }, (_, index) => ({ ...row, id: `msg_${index}` }));
        // What comes behind them is the server's own.
        await page.route(/\/messages\?(?!.*after=)/, (route) => route.fulfill({ json: { messages } }));
        const stored = page.waitForResponse((response) => response.url().endsWith("/feedback"));
        await page.getByRole("button", { name: "Good answer" }).click();
        assert.equal((await stored).status(), 200);
        await saved(page);
      }));

    it("sends the run, its events and its title to the server", () =>
      visit(async (page) => {
        /** @type {Map<string, number>} */
        const answers = new Map();
        page.on("response", (response) => {
          const { pathname } = new URL(response.url());
          if (pathname.startsWith("/v1/") && response.request().method() === "POST") answers.set(pathname, response.status());
        });
        await say(page, "Everything is reported");
        await titled(page);
        await until(async () => answers.has("/v1/events") && answers.has("/v1/runs"), "the events and the run");
        assert.equal(answers.get("/v1/runs/stream"), 200);
        assert.equal(answers.get("/v1/runs"), 201);
        assert.equal(answers.get("/v1/events"), 202);
      }));
  });
}

/** Notes every length that the last answer has, from now on. @param {Page} page */
async function watchAnswer(page) {
  await page.evaluate(() => {
    const lengths = new Set();
    Object.assign(window, { lengths });
    new MutationObserver(() => {
      const text = document.querySelector(".from-assistant:last-of-type .text");
      if (text?.textContent) lengths.add(text.textContent.length);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** @param {Page} page */
async function showsPicture(page) {
  const image = page.getByAltText("red.png");
  await image.waitFor();
  await until(() => image.evaluate((element) => element instanceof HTMLImageElement && element.complete && element.naturalWidth === 120), "the picture");
}
