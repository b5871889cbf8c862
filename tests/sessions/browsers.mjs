// @ts-check
/** The browsers of this machine. */
import { launch } from "puppeteer-core";
import { tools } from "../../scripts/toolchain.mjs";

/** @typedef {{ name: string, path: string | undefined, open: () => Promise<import("puppeteer-core").Browser> }} Engine */

const chromiumFlags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** @type {Engine[]} */
export const engines = [
  {
    name: "Chromium",
    path: tools.chromium,
    open: () => launch({ executablePath: String(tools.chromium), args: chromiumFlags, headless: true, acceptInsecureCerts: true }),
  },
  {
    name: "Firefox",
    path: tools.firefox,
    open: () =>
      launch({
        browser: "firefox",
        executablePath: String(tools.firefox),
        headless: true,
        // Ten tabs on two cores.
        protocolTimeout: 60_000,
      }),
  },
];
