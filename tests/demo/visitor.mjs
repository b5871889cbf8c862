// @ts-check
/** A person with a browser, who looks at the demo. */
import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { tools } from "../../scripts/toolchain.mjs";

/** @import { Browser, BrowserContextOptions, Locator, Page } from "playwright-core" */

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @returns {Promise<Browser>} */
export function browse() {
  return chromium.launch({ executablePath: tools.chromium ?? "/usr/bin/chromium", args: flags, headless: true });
}

/** One browser profile, with as many tabs as asked for. */
export class Visitor {
  #context;
  #url;
  /** What the console complained of, in all tabs. */
  complaints = /** @type {string[]} */ ([]);

  /** @param {Awaited<ReturnType<Browser["newContext"]>>} context @param {string} url */
  constructor(context, url) {
    this.#context = context;
    this.#url = url;
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    context.on("weberror", (error) => this.complaints.push(String(error.error())));
  }

  /** @param {Browser} browser @param {string} url @param {BrowserContextOptions} [options] */
  static async arrive(browser, url, options) {
    return new Visitor(await browser.newContext({ reducedMotion: "reduce", ...options }), url);
  }

  /** @param {string} [fragment] @returns {Promise<Page>} a tab with the demo, as soon as it is loaded */
  async tab(fragment = "") {
    const page = await this.#context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(this.#url + fragment);
    return page;
  }

  /** Ends the visit, and fails when the console had anything to complain of. */
  async leave() {
    await this.#context.close();
    assert.deepEqual(this.complaints, []);
  }

  /** Ends a visit in which something had to go wrong. */
  async leaveInTrouble() {
    await this.#context.close();
  }
}

/** Waits until there is a token and the threads are there. @param {Page} page */
export async function settled(page) {
  await page.locator('.countdown[data-state="counting"]').waitFor();
  await page.locator('.list[aria-busy="false"]').waitFor({ state: "attached" });
}

/** Chooses a way in, a persona, or active or archived threads. @param {Page} page @param {string} name */
export const choose = (page, name) => page.getByRole("radio", { name, exact: true }).check();

/** @param {Page} page @returns {Promise<string>} */
export const user = (page) => page.locator('[data-part="user"]').innerText();

/** @param {Page} page @returns {Promise<string>} */
export const workspace = (page) => page.locator('[data-part="workspace"]').innerText();

/** @param {Page} page @returns {Promise<string[]>} newest first */
export const titles = (page) => page.locator(".row-title").allInnerTexts();

/** @param {Page} page @param {string} title @returns {Locator} */
export const row = (page, title) => page.locator(".row").filter({ has: page.getByText(title, { exact: true }) });

/** @param {Page} page @param {string} title */
export async function create(page, title) {
  await page.getByLabel("Title of the new thread").fill(title);
  await page.getByRole("button", { name: "Create" }).click();
  await row(page, title).waitFor();
}

/** @param {Page} page @returns {Promise<string[]>} what the list of token events says, newest first */
export const events = (page) => page.locator(".log li span").allInnerTexts();

/** @param {Page} page @param {string} claim @returns {Promise<string>} */
export const claim = (page, claim) => page.locator(`.claims [data-claim="${claim}"] td`).innerText();

/** @param {Page} page @returns {Promise<number>} seconds to the renewal */
export async function secondsLeft(page) {
  const [minutes = 0, seconds = 0] = (await page.locator(".clock").innerText()).split(":").map(Number);
  return minutes * 60 + seconds;
}

/**
 * Waits until something holds. For what no locator can express.
 *
 * @param {() => Promise<boolean>} holds
 * @param {string} what
 * @param {number} [seconds]
 */
export async function until(holds, what, seconds = 10) {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) assert.fail(`Waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
