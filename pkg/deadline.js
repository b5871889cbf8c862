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
 * @returns {Promise<T>}
 */
export function withDeadline(operation, run) {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new CloudAuthError(
          "ERR_TOKEN_TIMEOUT",
          `Assistant Cloud ${operation} timed out after ${TOKEN_DEADLINE_MS}ms`,
        ),
      );
      controller.abort();
    }, TOKEN_DEADLINE_MS);
    (async () => run(controller.signal))()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
