// @ts-check
/** How long a token may take to come. */
import { CloudAuthError } from "./errors.js";

export const TOKEN_DEADLINE_MS = 30_000;

/**
 * Runs `run` at once and gives it 30 s. Whether or not it heeds its signal, the wait ends then.
 *
 * @template T
 * @param {string} operation named in the error
 * @param {(signal: AbortSignal) => T | Promise<T>} run
 * @param {AbortSignal} [outer] aborts it before that
 * @returns {Promise<T>}
 */
export function withDeadline(operation, run, outer) {
  const controller = new AbortController();
  outer?.addEventListener("abort", () => controller.abort(outer.reason));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new CloudAuthError(
        "ERR_TOKEN_TIMEOUT",
        `Assistant Cloud ${operation} timed out after ${TOKEN_DEADLINE_MS}ms`,
      );
      reject(error);
      controller.abort(error);
    }, TOKEN_DEADLINE_MS);
    (async () => run(controller.signal))()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}

/**
 * Ends one caller's wait when its signal says so. What it waits for goes on, for the others.
 *
 * @template T
 * @param {T | Promise<T>} awaited
 * @param {AbortSignal} [signal]
 * @returns {T | Promise<T>}
 */
export function unlessAborted(awaited, signal) {
  if (!signal) return awaited;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    Promise.resolve(awaited)
      .finally(() => signal.removeEventListener("abort", stop))
      .then(resolve, reject);
  });
}
