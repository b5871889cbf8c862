// @ts-check
/**
 * Everything that this package throws on its own account. The codes are stable, the messages are not,
 * except where the official client's are matched word for word.
 *
 * @import * as types from "./index.js"
 */

/** The server answered with another status than 2xx. */
export class CloudAPIError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   * @param {string} [code]
   * @param {Record<string, unknown>} [details]
   */
  constructor(message, status, code, details) {
    super(message);
    this.name = "CloudAPIError";
    this.status = status;
    // There even when undefined, as in the official client: the difference shows in a deep comparison.
    this.code = code;
    this.details = details;
  }
}

/** The server answered 2xx with a body that breaks the contract. */
export class CloudResponseError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "CloudResponseError";
  }
}

/** There is no token to ask the server with. */
export class CloudAuthError extends Error {
  /**
   * @param {types.CloudAuthErrorCode} code
   * @param {string} message
   * @param {{ status?: number | undefined, retryAfter?: number | undefined, cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "CloudAuthError";
    this.code = code;
    if (options?.status !== undefined) this.status = options.status;
    if (options?.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** The configuration cannot work. */
export class CloudConfigError extends TypeError {
  /**
   * @param {types.CloudConfigErrorCode} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "CloudConfigError";
    this.code = code;
  }
}

/** A server's keys cannot be had, so that nothing is known of a token. For `/server` only. */
export class CloudUnavailableError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "CloudUnavailableError";
    this.code = /** @type {const} */ ("ERR_KEYS_UNAVAILABLE");
    this.status = /** @type {const} */ (503);
  }
}
