// @ts-check
/**
 * Renews the token of a page that is looked at, so that no click has to wait for it. A hidden page renews
 * when it is seen again; outside a page, renewal is left to demand.
 */

/** `setTimeout` overflows at 24.8 days, and stands still while the device sleeps. */
const LONGEST_DELAY_MS = 3_600_000;

/**
 * @typedef {object} Renewable
 * @property {() => number} renewsAt in ms; `NaN` when no renewal is due
 * @property {() => number} expiresAt in ms; `NaN` without a token
 * @property {() => unknown} demand renews the token if that is due
 */

/**
 * @param {Renewable} session held weakly, so that a client that the app has let go of is not kept renewing
 *   by its own timer
 */
export function scheduleRenewals(session) {
  const target = new WeakRef(session);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let listening = false;

  const check = () => {
    clearTimeout(timer);
    const live = target.deref();
    if (!live) return document.removeEventListener("visibilitychange", seen);
    if (document.visibilityState === "hidden") return;
    const delay = live.renewsAt() - Date.now();
    if (delay <= 0) live.demand();
    else if (delay > 0) timer = setTimeout(check, Math.min(delay, LONGEST_DELAY_MS));
    // In a simulated page, as tests have, the timer must not keep the process alive.
    /** @type {any} */ (timer)?.unref?.();
  };

  /** A page that comes back may find its token expired, and no renewal left to wait for. */
  const seen = () => {
    const live = target.deref();
    if (live && document.visibilityState !== "hidden" && live.expiresAt() <= Date.now()) live.demand();
    check();
  };

  return {
    /** Looks at the session anew, after anything has changed in it. */
    schedule() {
      if (typeof document !== "object" || !document?.addEventListener) return;
      if (!listening) document.addEventListener("visibilitychange", seen);
      listening = true;
      check();
    },
  };
}
