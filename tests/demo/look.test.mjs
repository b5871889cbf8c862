// @ts-check
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { root } from "../../scripts/toolchain.mjs";
import { checkReadable } from "./readable.mjs";
import { Stage } from "./stage.mjs";
import { Visitor, browse, choose, create, row, settled } from "./visitor.mjs";

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
  [1280, 360].map((width) => ({ colorScheme, width, name: `${colorScheme}-${width}` })),
);

for (const { colorScheme, width, name } of looks) {
  describe(`the page, ${colorScheme}, ${width} pixels wide`, () => {
    /** @param {string} fragment @param {(page: Page, visitor: Visitor) => Promise<void>} work */
    async function visit(fragment, work) {
      const viewport = { width, height: width < 600 ? 780 : 900 };
      const visitor = await Visitor.arrive(browser, stage.url, { colorScheme, viewport });
      const page = await visitor.tab(fragment);
      await settled(page);
      await work(page, visitor);
      await visitor.leave();
    }

    it("fits, and can be read", () =>
      visit("/#anonymous", async (page) => {
        await create(page, "Plan the release of the new edge client");
        await create(page, "Why is the sky blue at noon and red in the evening, when the sun is low?");
        await create(page, "Supercalifragilisticexpialidocious".repeat(4));
        await create(page, "Recipe for four");
        await page.getByRole("button", { name: "Rename “Plan" }).click();
        await page.screenshot({ path: join(pictures, `demo-${name}.png`), fullPage: true });
        await checkReadable(page);
      }));

    it("fits and can be read when it fails", () =>
      visit("/#backend/team-alice", async (page, visitor) => {
        await create(page, `For the team, ${name}`);
        await page.route("**/v1/threads**", (route) => route.fulfill({ status: 503, json: { error: "overloaded" } }));
        await page.getByRole("button", { name: `Archive “For the team, ${name}”` }).click();
        await page.getByText("It stays where it was.").waitFor();
        await page.getByLabel("Title of the new thread").fill("One more");
        await page.getByRole("button", { name: "Create" }).click();
        await page.getByText("The thread was not created.").waitFor();
        await page.getByRole("button", { name: `Delete “For the team, ${name}”` }).click();
        await page.getByRole("button", { name: "Delete thread" }).click();
        await page.getByText("The thread was not deleted.").waitFor();
        await page.screenshot({ path: join(pictures, `demo-${name}-dialog.png`) });
        await page.keyboard.press("Escape");
        await choose(page, "Archived");
        await page.getByText("The threads could not be loaded.").waitFor();
        await stage.stopBackend();
        await page.getByRole("button", { name: "Renew now" }).click();
        await page.getByText("The token endpoint does not answer.").first().waitFor();
        await page.screenshot({ path: join(pictures, `demo-${name}-trouble.png`), fullPage: true });
        await checkReadable(page);
        stage.startBackend();
        visitor.complaints.splice(0);
      }));

    it("does not jump while it loads", () =>
      visit("/#backend/alice", async (page) => {
        for (const n of ["", " again", " and again"]) await create(page, `Of ${name}${n}`);
        await page.addInitScript(() => {
          const watched = Object.assign(window, { shifts: 0 });
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) watched.shifts += /** @type {any} */ (entry).value;
          }).observe({ type: "layout-shift", buffered: true });
        });
        // Each answer takes its time, so that every state in between is painted.
        await page.route(/healthz|demo\.json|assistant-token|v1/, async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 250));
          await route.continue();
        });
        await page.reload();
        await settled(page);
        await row(page, `Of ${name}`).waitFor();
        const shifts = await page.evaluate(() => /** @type {any} */ (window).shifts);
        // The Web Vitals call anything below 0.1 good. Only the words about the server may move a little.
        assert.ok(shifts < 0.001, `layout shift of ${shifts}`);
      }));

    it("stays in place when another way is chosen", () =>
      visit("/#anonymous", async (page) => {
        const top = () => page.locator("#room").evaluate((room) => room.getBoundingClientRect().top + scrollY);
        const before = await top();
        await choose(page, "My backend");
        assert.equal(await top(), before);
        await settled(page);
        assert.equal(await top(), before);
      }));
  });
}

describe("the content security policy", () => {
  it("is strict, and everything works under it", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    const response = await page.goto(stage.url);
    const policy = response?.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*[; ]*$/);
    await settled(page);
    await choose(page, "My backend");
    await settled(page);
    assert.deepEqual(visitor.complaints, []);

    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.head.append(script);
      return "ran" in window;
    });
    assert.equal(ran, false, "an inline script does not run");
    assert.match(visitor.complaints.splice(0).join(), /Content Security Policy/);
    await visitor.leave();
  });

  it("lets nothing be loaded from elsewhere", async () => {
    const visitor = await Visitor.arrive(browser, stage.url);
    const page = await visitor.tab();
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    await page.reload();
    await settled(page);
    assert.deepEqual([...new Set(asked)], [stage.url]);
    await visitor.leave();
  });

  it("keeps the token endpoint's program off the site", async () => {
    assert.equal((await fetch(`${stage.url}/backend.mjs`)).status, 404);
  });
});
