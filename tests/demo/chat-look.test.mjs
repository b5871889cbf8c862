// @ts-check
/** What the chat looks like, what its keyboard reaches, and what it asks of the browser. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/toolchain.mjs";
import { act, answered, attach, conversation, enter, open, png, ready, reload, said, saved, say, signIn, startNew, titled } from "./chat.mjs";
import { checkReadable } from "./readable.mjs";
import { Stage } from "./stage.mjs";
import { Visitor, browse, until } from "./visitor.mjs";

/** @import { Page } from "playwright-core" */

const pictures = join(root, "test-results");

/** @type {Stage} */
let stage;
/** @type {Awaited<ReturnType<typeof browse>>} */
let browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  [stage, browser] = await Promise.all([Stage.open(), browse()]);
});
after(async () => {
  await Promise.all([stage?.close(), browser?.close()]);
});

const looks = /** @type {const} */ (["light", "dark"]).flatMap((colorScheme) =>
  [1280, 900, 360].map((width) => ({ colorScheme, width, name: `${colorScheme}-${width}` })),
);

for (const { colorScheme, width, name } of looks) {
  describe(`the chat, ${colorScheme}, ${width} pixels wide`, () => {
    const narrow = width < 760;
    /** @param {(page: Page, visitor: Visitor) => Promise<void>} work */
    async function visit(work) {
      const viewport = { width, height: narrow ? 780 : 860 };
      const visitor = await Visitor.arrive(browser, stage.url, { colorScheme, viewport, hasTouch: narrow });
      const page = await enter(visitor);
      await work(page, visitor);
      await visitor.leave();
    }
    const drawer = async (/** @type {Page} */ page, /** @type {string} */ which) => {
      const button = page.getByRole("button", { name: which, exact: true });
      if (await button.isVisible()) await button.click();
    };

    it("fits and can be read: empty, in the middle of things, and in its drawers", () =>
      visit(async (page) => {
        await page.screenshot({ path: join(pictures, `chat-${name}-empty.png`) });
        await checkReadable(page);

        await say(page, "Why is the sky blue at noon and red in the evening, when the sun is low?");
        const title = await titled(page);
        await drawer(page, "Conversations");
        await startNew(page);
        await attach(page, [
          { name: "a picture of something red.png", mimeType: "image/png", buffer: png(240, 150, [200, 60, 40]) },
          { name: "notes with quite a long name that will not fit.txt", mimeType: "text/plain", buffer: Buffer.from("Milk") },
        ]);
        await page.getByLabel("Message", { exact: true }).fill("Here is what I have found so far.\n\nIs it any good?");
        await page.screenshot({ path: join(pictures, `chat-${name}-writing.png`) });
        await checkReadable(page);
        await page.getByRole("button", { name: "Send", exact: true }).click();
        await answered(page);
        await titled(page);
        await say(page, "Supercalifragilisticexpialidocious".repeat(4));
        await page.getByRole("button", { name: "Answer again" }).last().click();
        await page.getByText("2 of 2").waitFor();
        await answered(page);
        await page.getByRole("button", { name: "Good answer" }).last().click();
        await saved(page);
        await page.screenshot({ path: join(pictures, `chat-${name}.png`) });
        await checkReadable(page);

        if (width < 1180) {
          await drawer(page, "Token");
          await page.screenshot({ path: join(pictures, `chat-${name}-token.png`) });
          await checkReadable(page);
          await page.keyboard.press("Escape");
        }
        if (narrow) {
          await drawer(page, "Conversations");
          await page.screenshot({ path: join(pictures, `chat-${name}-threads.png`) });
          await checkReadable(page);
          await open(page, title);
          assert.equal(await page.locator(".drawer:popover-open").count(), 0, "the drawer closes behind the choice");
        }
      }));

    it("fits and can be read when it fails, and says what that means", () =>
      visit(async (page, visitor) => {
        await say(page, "Before the trouble");
        const title = await titled(page);
        const address = page.url();
        await saved(page);
        await page.route("**/v1/threads**", (route) => route.fulfill({ status: 503, json: { error: "overloaded" } }));
        await say(page, "In the middle of it");
        await page.getByText("The last message is not saved. The server is not ready to answer.").waitFor();
        await drawer(page, "Conversations");
        await act(page, title, "Rename");
        await page.getByLabel("New title").fill("Never mind");
        await page.keyboard.press("Enter");
        await page.getByText("It keeps its old name. The server is not ready to answer.").waitFor();
        await act(page, title, "Delete");
        await page.getByRole("button", { name: "Delete conversation" }).click();
        await page.getByText("The conversation was not deleted.").waitFor();
        await page.screenshot({ path: join(pictures, `chat-${name}-dialog.png`) });
        await page.getByRole("button", { name: "Keep it" }).click();
        await page.goto(address);
        await page.reload();
        await page.getByText("The conversation in the address could not be opened.").waitFor();
        await drawer(page, "Conversations");
        await page.getByText("The conversations could not be loaded.").waitFor();
        await page.screenshot({ path: join(pictures, `chat-${name}-trouble.png`) });
        await checkReadable(page);
        await page.unroute("**/v1/threads**");
        await page.locator(".trouble").getByRole("button", { name: "Try again" }).click();
        await conversation(page, title).waitFor();
        if (narrow) await page.keyboard.press("Escape");
        await page.locator(".notice").getByRole("button", { name: "Try again" }).click();
        await page.getByRole("heading", { name: title, level: 1 }).waitFor();
        await page.locator(".message").first().waitFor();
        assert.equal((await said(page))[0], "Before the trouble");
        visitor.complaints.splice(0);
      }));
  });
}

describe("trouble in the chat", () => {
  it("offers to load messages again that could not be loaded", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await say(page, "Still there");
    await titled(page);
    await saved(page);
    await page.route("**/messages?**", (route) => route.fulfill({ status: 503, json: { error: "overloaded" } }));
    await reload(page);
    await page.getByText("The messages could not be loaded.").waitFor();
    await page.unroute("**/messages?**");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".message").nth(1).waitFor();
    assert.equal((await said(page))[0], "Still there");
    assert.equal(await page.getByText("The messages could not be loaded.").count(), 0);
    visitor.complaints.splice(0);
    await visitor.leave();
  });

  it("says that a file was not uploaded, and lets go of it", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await page.route("**/generate-presigned-upload-url", (route) => route.fulfill({ status: 503, json: { error: "off" } }));
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach files" }).click();
    await (await chooser).setFiles([{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }]);
    await page.getByText("Not uploaded").waitFor();
    const input = page.getByLabel("Message", { exact: true });
    await input.fill("With it?");
    assert.ok(await page.getByRole("button", { name: "Send", exact: true }).isDisabled());
    await input.press("Enter");
    assert.equal(await input.inputValue(), "With it?", "the words wait for the file");
    await page.getByRole("button", { name: "Remove a.txt" }).click();
    await say(page, "Without it");
    visitor.complaints.splice(0);
    await visitor.leave();
  });

  it("says that a file is too large", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await page.route(/\/v1\/files\/attachments\/[^/]+\?/, (route) =>
      route.fulfill({ status: 413, headers: { "Access-Control-Allow-Origin": "*" }, json: { error: "too large" } }));
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach files" }).click();
    await (await chooser).setFiles([{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }]);
    await page.getByText("Larger than 25 MB").waitFor();
    visitor.complaints.splice(0);
    await visitor.leave();
  });

  it("says that a file cannot be opened", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await attach(page, [{ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a") }]);
    await say(page, "Open it");
    await page.route("**/generate-presigned-download-url", (route) => route.fulfill({ status: 404, json: { error: "Attachment not found" } }));
    const popup = page.waitForEvent("popup");
    await page.getByRole("button", { name: "a.txt" }).click();
    await page.getByText("The file could not be opened.").waitFor();
    await until(async () => (await popup).isClosed(), "the empty tab to close");
    visitor.complaints.splice(0);
    await visitor.leave();
  });

  it("offers the conversations again when keeping them has failed", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await say(page, "To be kept");
    const title = await titled(page);
    await saved(page);
    await signIn(page, "Alice, in the team");
    await page.route("**/v1/threads/claim", (route) => route.fulfill({ status: 503, json: { error: "overloaded" } }));
    await page.getByRole("button", { name: "Keep my conversations" }).click();
    await page.getByText("The conversations stay where they were.").waitFor();
    await page.unroute("**/v1/threads/claim");
    await page.getByRole("button", { name: "Keep my conversations" }).click();
    await page.getByText("Kept: 1 conversation moved here.").waitFor();
    await conversation(page, title).waitFor();
    visitor.complaints.splice(0);
    await visitor.leave();
  });
});

describe("the chat's keyboard", () => {
  it("gets everywhere, and the focus is always seen", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    await say(page, "By keyboard");
    await titled(page);
    await reload(page);
    await page.locator(".message").nth(1).waitFor();
    await page.locator(".skip").focus();
    /** @type {string[]} */
    const names = [];
    for (let stops = 0; stops < 40; stops += 1) {
      if (stops > 0) await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const drawn = [element, element.nextElementSibling, element.closest("form")].some((candidate) => {
          if (!candidate) return false;
          const { outlineStyle, outlineWidth } = getComputedStyle(candidate);
          return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
        });
        const name = element.getAttribute("aria-label") ?? element.getAttribute("value") ?? element.textContent?.trim() ?? "";
        const { width, height } = element.getBoundingClientRect();
        return { name, drawn: drawn && width > 0 && height > 0 };
      });
      if (!stop) break;
      assert.ok(stop.drawn, `the focus on ${stop.name} is not seen`);
      names.push(stop.name);
    }
    for (const name of [
      "Skip to the message", "Chat", "New conversation", "By keyboard", "Rename “By keyboard”", "Delete “By keyboard”",
      "Alice", "Messages", "Edit", "Answer again", "Good answer", "Message", "Attach files", "ours", "Renew now",
    ]) {
      assert.ok(names.includes(name), `the keyboard does not reach ${name}: ${names.join(", ")}`);
    }
    await visitor.leave();
  });

  it("renames, archives and deletes, and the focus stays near", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await enter(visitor);
    for (const words of ["First by keyboard", "Second by keyboard", "Third by keyboard"]) {
      await say(page, words);
      await titled(page);
      await startNew(page);
    }
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim());
    await conversation(page, "Third by keyboard").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Renamed");
    await page.keyboard.press("Enter");
    await conversation(page, "Renamed").waitFor();
    await until(async () => (await focused()) === "Rename “Renamed”", "the focus on the button");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Archived (1)").waitFor();
    await until(async () => (await focused()) === "Second by keyboard", "the focus on the next conversation");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(async () => (await focused()) === "Keep it", "the way out first");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await conversation(page, "Second by keyboard").waitFor({ state: "detached" });
    await until(async () => (await focused()) === "First by keyboard", "the focus on the next conversation");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "First by keyboard", level: 1 }).waitFor();
    await visitor.leave();
  });
});

describe("what the chat asks of the browser", () => {
  it("is all from its own server, under a strict policy", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/chat/");
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    const response = await page.reload();
    const policy = response?.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'none'.*script-src 'self' 'wasm-unsafe-eval';.*style-src 'self';/);
    await ready(page);
    await say(page, "Nothing from elsewhere");
    await titled(page);
    assert.deepEqual([...new Set(asked)].filter((origin) => origin !== "null"), [stage.url]);
    await visitor.leave();
  });

  it("is nothing of a framework on the token page", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab("/");
    await page.locator('.countdown[data-state="counting"]').waitFor();
    const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname));
    assert.deepEqual(loaded.filter((path) => path.startsWith("/chat/")), []);
    await visitor.leave();
  });

  it("keeps its sources off the site", async () => {
    for (const path of ["/chat/main.tsx", "/chat/vite.config.mjs", "/chat/messages.css"]) {
      const answer = await fetch(stage.url + path);
      assert.equal(answer.status, 404, path);
    }
  });
});
