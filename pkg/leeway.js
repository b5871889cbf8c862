// @ts-check
/**
 * How long before its expiry a token is to be renewed, if the app says so.
 *
 * @import { TokenSession } from "./dist/assistant_cloud_bg.js"
 */
import { CloudConfigError } from "./errors.js";
import { reportUncaught } from "./listeners.js";

/**
 * @param {unknown} renewalLeeway as configured
 * @returns {(machine: TokenSession) => void} to be called for each token that has just come to hand
 */
export function readLeeway(renewalLeeway) {
  const isFunction = typeof renewalLeeway === "function";
  const isNumber = Number.isFinite(renewalLeeway) && /** @type {number} */ (renewalLeeway) >= 0;
  if (!isFunction && !isNumber && renewalLeeway !== undefined) {
    throw new CloudConfigError("ERR_INVALID_CONFIG", "Invalid configuration: renewalLeeway must be seconds or a function");
  }
  return (machine) => {
    const now = Date.now();
    try {
      const leeway = isFunction ? renewalLeeway((machine.expiresAt - now) / 1000) : renewalLeeway;
      machine.setLeeway(now, leeway * 1000);
    } catch (error) {
      reportUncaught(error);
    }
  };
}
