// @ts-check
/** The operating system's processes behind a browser's pages, to be killed or stopped. Read from Linux's /proc. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";

/** @import { Browser, Page } from "puppeteer-core" */

/** How long a page works to be found out, in ms. */
const WORK_MS = 300;

/** Whether the machine shows its processes. */
export const canFindProcesses = process.platform === "linux";

/**
 * The process in which the page's script runs: the one of the browser's that works when the page does. No protocol of
 * both browsers names it.
 *
 * @param {Browser} browser
 * @param {Page} page
 */
export async function processOf(browser, page) {
  const root = Number(browser.process()?.pid);
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = timesBelow(root);
    await page.evaluate((duration) => {
      const end = performance.now() + duration;
      while (performance.now() < end);
    }, WORK_MS);
    const worked = [...timesBelow(root)].map(([pid, time]) => ({ pid, time: time - (before.get(pid) ?? 0) }));
    const [first, second] = worked.sort((a, b) => b.time - a.time);
    // A new process, or a slow machine, leaves it open.
    if (first && first.time >= 5 && first.time > 4 * (second?.time ?? 0)) return first.pid;
  }
  return assert.fail("no process works when the page does");
}

/** The processor time of all processes that descend from one, in ticks of 10 ms. @param {number} root @returns {Map<number, number>} */
function timesBelow(root) {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => readProcess(Number(name)) ?? []);
  const family = new Set([root]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return new Map(all.filter(({ pid }) => pid !== root && family.has(pid)).map(({ pid, time }) => [pid, time]));
}

/** @param {number} pid */
function readProcess(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name before the last bracket may be anything. proc(5) numbers the fields after it from 3.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
    return { pid, parent: Number(fields[4 - 3]), time: Number(fields[14 - 3]) + Number(fields[15 - 3]) };
  } catch {
    return null;
  }
}
