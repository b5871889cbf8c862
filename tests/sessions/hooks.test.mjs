// @ts-check
/** The README's examples for React: they compile, and the session follows the sign-in of each auth library. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { build } from "esbuild";
import { run } from "../../scripts/command.mjs";
import { environment, tools } from "../../scripts/toolchain.mjs";
import { engines } from "./browsers.mjs";
import { layOutExamples, libraries } from "./readme.mjs";
import { Site } from "./site.mjs";

/** @import { Browser, Page } from "puppeteer-core" */

/** What a test does in a page, where these are. @type {any} */
const { cloud, open, outcome, reloads, signIn } = globalThis;

const [engine] = engines;
const skip = engine?.path ? false : "there is no browser on this machine";

describe("the examples for React", () => {
  const directory = layOutExamples();

  it("hold, to the compiler", async () => {
    await run(tools.tsc, ["-p", directory], { env: environment(), output: "hide" });
  });

  describe("in a page", { skip }, () => {
    /** @type {Browser} */
    let browser;
    /** @type {Site} */
    let site;
    let script = "";

    before(async () => {
      [browser, site] = await Promise.all([/** @type {NonNullable<typeof engine>} */ (engine).open(), Site.open()]);
      const { outputFiles } = await build({
        absWorkingDir: directory, entryPoints: ["app.tsx"], bundle: true, format: "iife", jsx: "automatic", write: false,
        // In which effects run twice.
        define: { "process.env.NODE_ENV": '"development"' },
      });
      script = String(outputFiles[0]?.text);
    });
    after(async () => {
      await Promise.all([browser?.close(), site?.close()]);
    });

    /** Whom the server has taken the page for at its last question. @param {Page} page */
    const list = (page) => page.evaluate(async () => [await outcome(cloud), cloud.auth.state.userId].join(" "));

    /** What the page shows, once it is that. @param {Page} page @param {string} text */
    const shows = (page, text) =>
      page.waitForFunction((text) => document.querySelector("output")?.textContent === text, { polling: 20, timeout: 10_000 }, text);

    for (const library of libraries) {
      it(`follow who is signed in by ${library}`, async () => {
        const page = await browser.newPage();
        site.asked = [];
        await page.goto(site.url);
        await page.waitForFunction(() => /** @type {any} */ (globalThis).loaded);
        await page.addScriptTag({ content: script });
        await page.evaluate((library) => open(library), library);
        await shows(page, "idle null");
        assert.equal(site.tokens, 0, "somebody is asked for before it is known who it is");

        await page.evaluate(() => signIn("alice"));
        assert.equal(await list(page), "listed alice");
        await shows(page, "ready alice");
        await page.evaluate(() => signIn("bob"));
        await shows(page, "idle null");
        assert.equal(await list(page), "listed bob");
        await shows(page, "ready bob");
        await page.evaluate(() => signIn(null));
        await shows(page, "signedOut null");
        assert.equal(await list(page), "ERR_SIGNED_OUT ");
        await page.evaluate(() => signIn("alice"));
        await shows(page, "idle null");
        assert.equal(await list(page), "listed alice");
        assert.deepEqual(await page.evaluate(() => reloads), ["alice", null, "bob", null, "alice"]);
        assert.ok(site.statuses.every((status) => status < 400), site.statuses.join());
        await page.close();
      });
    }
  });
});
