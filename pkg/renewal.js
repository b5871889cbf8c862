// @ts-check
/**
 * Renews the token of a page that is looked at, so that no click has to wait for it. A hidden page renews
 * when it is seen again; outside a page, renewal is left to demand.
 */
import { weakly } from "./weak.js";

/** `setTimeout` overflows at 24.8 days, and stands still while the device sleeps. */
const LONGEST_DELAY_MS = 3_600_000;

/**
 * @typedef {object} Renewable
 * @property {() => number} renewsAt in ms; `NaN` when no renewal is due
 * @property {() => number} expiresAt in ms; `NaN` without a token
 * @property {() => void} renew if that is due
 * @property {() => void} reconsider the network is back
 * @property {() => void} pause the page is put aside, and may come back
 * @property {() => void} resume it has come back, or other tabs may have stored something
 */

/**
 * @param {Renewable} session held weakly, so that a client that the app has let go of is not kept renewing
 *   by its own timer
 */
export function scheduleRenewals(session) {
  const target = weakly(session);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let listening = false;

  const check = () => {
    clearTimeout(timer);
    const live = target.deref();
    if (!live) return stop();
    if (document.visibilityState === "hidden") return;
    const delay = live.renewsAt() - Date.now();
    if (delay <= 0) live.renew();
    else if (delay > 0) timer = setTimeout(check, Math.min(delay, LONGEST_DELAY_MS));
    // In a simulated page, as tests have, the timer must not keep the process alive.
    /** @type {any} */ (timer)?.unref?.();
  };

  /** A page that comes back may find its token expired, and no renewal left to wait for. @param {Event} event */
  const seen = ({ type }) => {
    const live = target.deref();
    if (!live) return stop();
    // A page that listens to a channel is not kept for the way back. It is hidden once more after it has been left.
    if (type === "pagehide") return live.pause();
    if (type === "online") live.reconsider();
    if (document.visibilityState === "hidden") return check();
    live.resume();
    // Storage is the app's as well, which may write into it at any time.
    if (type !== "storage" && live.expiresAt() <= Date.now()) live.renew();
    check();
  };

  /** @param {"addEventListener" | "removeEventListener"} method */
  const listen = (method) => {
    document[method]?.("visibilitychange", seen);
    // In a simulated page there may be none.
    for (const type of ["pageshow", "pagehide", "online", "storage"]) {
      globalThis.window?.[method]?.(type, /** @type {any} */ (seen));
    }
  };

  const stop = () => {
    clearTimeout(timer);
    if (listening) listen("removeEventListener");
    listening = false;
  };

  return {
    /** Looks at the session anew, after anything has changed in it. */
    schedule() {
      if (typeof document !== "object" || !document?.addEventListener) return;
      if (!listening) listen("addEventListener");
      listening = true;
      check();
    },
    stop,
  };
}
