// @ts-check
/** The browsers of this machine, with what each can be told to do to a page. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "puppeteer-core";
import { tools } from "../../scripts/toolchain.mjs";
import { overrideDate, shiftClock } from "./clock.mjs";

/** @import { Browser, Page } from "puppeteer-core" */

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string | undefined} path
 * @property {() => Promise<Browser>} open
 * @property {() => Promise<Browser>} openWithoutStorage one whose user has forbidden all sites to store anything
 * @property {string} clock what `setClock` sets
 * @property {(page: Page, ahead: number) => Promise<void>} setClock to so many ms ahead, before the page is loaded
 */

const chromiumFlags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** @param {string} [userDataDir] */
const openChromium = (userDataDir) =>
  launch({
    executablePath: String(tools.chromium),
    args: chromiumFlags,
    headless: true,
    acceptInsecureCerts: true,
    ...(userDataDir ? { userDataDir } : {}),
  });

/** @param {Record<string, unknown>} [extraPrefsFirefox] */
const openFirefox = (extraPrefsFirefox = {}) =>
  launch({
    browser: "firefox",
    executablePath: String(tools.firefox),
    headless: true,
    extraPrefsFirefox,
    // Ten tabs on two cores.
    protocolTimeout: 60_000,
  });

/** The value of both browsers' settings that blocks all cookies, and with them all storage. */
const BLOCK = 2;

/** @type {Engine[]} */
export const engines = [
  {
    name: "Chromium",
    path: tools.chromium,
    open: () => openChromium(),
    async openWithoutStorage() {
      const directory = mkdtempSync(join(tmpdir(), "sessions-"));
      mkdirSync(join(directory, "Default"));
      const settings = { profile: { default_content_setting_values: { cookies: BLOCK } } };
      writeFileSync(join(directory, "Default", "Preferences"), JSON.stringify(settings));
      const browser = await openChromium(directory);
      browser.process()?.once("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
      return browser;
    },
    clock: "the browser's clock",
    setClock: shiftClock,
  },
  {
    name: "Firefox",
    path: tools.firefox,
    open: () => openFirefox(),
    openWithoutStorage: () => openFirefox({ "network.cookie.cookieBehavior": BLOCK }),
    // WebDriver BiDi has no command for the clock.
    clock: "the page's Date",
    setClock: overrideDate,
  },
];
