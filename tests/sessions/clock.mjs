// @ts-check
/** A page whose clock is wrong, and goes at the pace of the right one. */
import { setTimeout as sleep } from "node:timers/promises";

/** @import { Page } from "puppeteer-core" */

/** How often the page's time goes on, in ms. */
const TICK_MS = 20;

/**
 * Chromium's own clock for this page, for all that reads it: `Date`, timers, headers. Virtual time that is let go runs as
 * fast as it can, a day in a second; so it stands still, and is given what has passed in the world, tick by tick.
 *
 * @param {Page} page
 * @param {number} ahead in ms
 */
export async function shiftClock(page, ahead) {
  const session = await page.createCDPSession();
  const started = Date.now();
  await session.send("Emulation.setVirtualTimePolicy", { policy: "pause", initialVirtualTime: (started + ahead) / 1000 });
  let given = 0;
  const pace = async () => {
    while (!page.isClosed()) {
      const budget = Date.now() - started - given;
      given += budget;
      if (budget > 0) {
        const spent = new Promise((resolve) => session.once("Emulation.virtualTimeBudgetExpired", resolve));
        await session.send("Emulation.setVirtualTimePolicy", { policy: "advance", budget });
        await Promise.race([spent, sleep(1_000)]);
      }
      await sleep(TICK_MS);
    }
  };
  // The page is closed between two ticks.
  void pace().catch(() => {});
}

/**
 * Only what `Date` says.
 *
 * @param {Page} page
 * @param {number} ahead in ms
 */
export async function overrideDate(page, ahead) {
  await page.evaluateOnNewDocument((ahead) => {
    const Right = Date;
    globalThis.Date = /** @type {any} */ (
      class extends Right {
        /** @param {any[]} args */
        constructor(...args) {
          super(.../** @type {[]} */ (args.length > 0 ? args : [Right.now() + ahead]));
        }
        static now() {
          return Right.now() + ahead;
        }
      }
    );
  }, ahead);
}
