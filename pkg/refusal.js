// @ts-check
/** The words of the wire contract that a session acts upon, as src/error.rs has them, which a test compares. */

/** The `error` of a 401 from which the client learns the time. */
export const TOKEN_EXPIRED = "JWT token has expired";

/** The `error` of a 401 or 403 that ends an anonymous identity. */
export const REFRESH_TOKEN_REFUSALS = ["Invalid refresh token format", "Invalid refresh token"];
