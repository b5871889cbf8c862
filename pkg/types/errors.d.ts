/** What is thrown. */
import type { AssistantCloudAuth } from "./auth.js";

/** The server answered with another status than 2xx. */
export class CloudAPIError extends Error {
  constructor(message: string, status: number, code?: string, details?: Record<string, unknown>);
  /** The HTTP status. */
  readonly status: number;
  /** The `error` of the body, when it is a string: `Thread not found` and the like. */
  readonly code?: string | undefined;
  /** The other fields of the body, when it has an `error`. */
  readonly details?: Record<string, unknown> | undefined;
}

/** The server answered 2xx with a body that breaks the contract. The message names the field and what it should be. */
export class CloudResponseError extends Error {
  constructor(message: string);
}

/**
 * Why no token could be had.
 *
 * - `ERR_NO_TOKEN`: `authToken` returned `null` or nothing; nobody is signed in
 * - `ERR_SIGNED_OUT`: {@link AssistantCloudAuth.signOut} was called, here or in another tab
 * - `ERR_TOKEN_UNREADABLE`: a token that is no JWT with a numeric `exp`
 * - `ERR_TOKEN_EXPIRED`: a token that has expired came, and came again
 * - `ERR_TOKEN_TIMEOUT`: no answer within 30 s
 * - `ERR_ANONYMOUS_FAILED`: the server gave no anonymous identity; see `status`
 * - `ERR_REFRESH_FAILED`: the server could not renew the anonymous session now (429, 5xx); see `status`
 * - `ERR_REFRESH_REFUSED`: the refusal to renew came without the words that end an identity, perhaps from
 *   a proxy or a captive portal. The identity is kept; see `status`
 * - `ERR_RETRY_LATER`: the last attempts have failed, or the server wishes to be left alone; see `retryAfter`, and
 *   `cause` for the last failure. Nothing was asked
 * - `ERR_NOT_DURABLE`: the browser does not store the anonymous identity. Only in an `error` event
 * - `ERR_INVALIDATED`: {@link AssistantCloudAuth.invalidate} was called during the call
 * - `ERR_IDENTITY_CHANGED`: `authToken` returned somebody else's token during the call
 */
export type CloudAuthErrorCode =
  | "ERR_NO_TOKEN"
  | "ERR_TOKEN_UNREADABLE"
  | "ERR_TOKEN_EXPIRED"
  | "ERR_TOKEN_TIMEOUT"
  | "ERR_ANONYMOUS_FAILED"
  | "ERR_REFRESH_FAILED"
  | "ERR_REFRESH_REFUSED"
  | "ERR_INVALIDATED"
  | "ERR_IDENTITY_CHANGED"
  | "ERR_SIGNED_OUT"
  | "ERR_RETRY_LATER"
  | "ERR_NOT_DURABLE";

/** There is no token to ask the server with. `code` is stable, the message is not. */
export class CloudAuthError extends Error {
  constructor(code: CloudAuthErrorCode, message: string, options?: { status?: number | undefined; retryAfter?: number | undefined; cause?: unknown });
  readonly code: CloudAuthErrorCode;
  /** The HTTP status of the token endpoint, where one answered. */
  readonly status?: number;
  /** In how many seconds there is a point in trying again, where that is known. */
  readonly retryAfter?: number;
}

/**
 * - `ERR_MISSING_BASE_URL`: no `baseUrl`
 * - `ERR_INVALID_BASE_URL`: a `baseUrl` that is no absolute `http:` or `https:` URL
 * - `ERR_INVALID_CONFIG`: none of the three configurations, or one with a missing or ill-typed field
 */
export type CloudConfigErrorCode = "ERR_MISSING_BASE_URL" | "ERR_INVALID_BASE_URL" | "ERR_INVALID_CONFIG";

/** The configuration cannot work. Thrown by the constructor. */
export class CloudConfigError extends TypeError {
  constructor(code: CloudConfigErrorCode, message: string);
  readonly code: CloudConfigErrorCode;
}
