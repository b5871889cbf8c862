// @ts-check
/** A client that tracks events, in a page, on a clock that stands still. */
import { mock } from "node:test";
import { OfficialCloud, OurCloud, key } from "./both.mjs";
import { answer, defineGlobal, deferred, installFetch, settle } from "./world.mjs";

/** @typedef {import("assistant-cloud").AssistantCloudEvent} Event */
/** @typedef {InstanceType<typeof OfficialCloud>} Cloud */

export const accepted = () => answer({ accepted: 1 }, { status: 202 });
/** @param {number} index @returns {Event} */
const event = (index) => ({ kind: "message_sent", thread_id: `thread-${index}` });
/** @param {number} count */
export const events = (count, from = 0) => Array.from({ length: count }, (_, index) => event(from + index));
/** @param {Cloud} cloud @param {number} count */
export const track = (cloud, count, from = 0) => events(count, from).forEach(cloud.events.track, cloud.events);

/** @param {number} [ms] */
export const pass = async (ms = 0) => {
  mock.timers.tick(ms);
  await settle();
};

/** A page whose listeners can be counted. */
function installPage() {
  const page = { window: new EventTarget(), document: Object.assign(new EventTarget(), { visibilityState: "visible" }) };
  let listeners = 0;
  for (const [name, target] of Object.entries(page)) {
    for (const [method, change] of /** @type {const} */ ([["addEventListener", 1], ["removeEventListener", -1]])) {
      const original = target[method].bind(target);
      mock.method(target, method, (/** @type {string} */ type, /** @type {any} */ listener) => {
        listeners += change;
        original(type, listener);
      });
    }
    defineGlobal(name, { value: target, writable: true });
  }
  const { window, document } = page;
  return {
    listeners: () => listeners,
    hide: () => {
      document.visibilityState = "hidden";
      document.dispatchEvent(new Event("visibilitychange"));
      document.visibilityState = "visible";
    },
    show: () => document.dispatchEvent(new Event("visibilitychange")),
    leave: () => window.dispatchEvent(new Event("pagehide")),
  };
}

/**
 * A client in a page, on a clock that stands still.
 *
 * @param {{ Cloud?: typeof OfficialCloud, config?: any, answers?: any[] }} [options]
 */
export function stage({ Cloud = OurCloud, config, answers } = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const page = installPage();
  /** @type {number[]} */
  const times = [];
  /** What the server is waiting for. @type {Promise<void> | undefined} */
  let gate;
  let turn = 0;
  const fetch = installFetch(async () => {
    times.push(Date.now() - 1_000_000);
    await gate;
    return answers ? answers[Math.min(turn++, answers.length - 1)]() : accepted();
  });
  /** Keeps the server from answering until the function is called that it returns. */
  const hold = () => {
    const { promise, resolve } = deferred();
    gate = promise;
    return resolve;
  };
  const cloud = new Cloud({ ...key, ...config });
  const batches = () => fetch.mock.calls.map(({ arguments: [, init] }) => JSON.parse(init.body).events);
  return { cloud, page, fetch, times, hold, batches, sizes: () => batches().map((batch) => batch.length) };
}
