/**
 * For servers: who sends a request, by the workspace token in it. The token is verified by the code that the server of
 * the tokens verifies them with, and its public keys are fetched when they are needed and kept.
 */
import type { CloudConfigError } from "./types/errors.js";

export { CloudConfigError } from "./types/errors.js";

/** Whose tokens count. */
export interface AuthenticateOptions {
  /** The server's absolute URL, `https` except on localhost. Its keys are at `/.well-known/jwks.json` below it. */
  baseUrl: string;
  /** The project that tokens must be for, the server's `PROJECT_ID`. */
  projectId: string;
  /** The server's `ISSUER`, where it is not `baseUrl`. */
  issuer?: string | undefined;
  /** The server's `AUDIENCE`, where it is not the issuer. */
  audience?: string | undefined;
  /** By how many seconds this clock and the server's may differ, 0 to 300. Default 0. */
  clockTolerance?: number | undefined;
  /** Fetches the keys in place of the runtime's `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Who sends a request. */
export interface AuthenticatedCaller {
  userId: string;
  workspaceId: string;
  projectId: string;
  /** Whether this is a visitor without an account. */
  anonymous: boolean;
}

/** Headers: a `Headers`, or an object with names in lower case such as Node's. */
export type HeaderValues = { get(name: string): string | null } | { readonly authorization?: string | undefined };

/** A request, as a `Request` or Node's `IncomingMessage`, or its headers. */
export type HeaderSource = { readonly headers: HeaderValues } | HeaderValues;

/**
 * Who sends a request; `null` when it has no workspace token of this project, or one that is not good now. Answer 401
 * then.
 *
 * @throws {CloudUnavailableError} when the keys cannot be had, so that nothing is known of the token. Answer 503.
 * @throws {CloudConfigError} when the options cannot work.
 */
export function authenticate(request: HeaderSource, options: AuthenticateOptions): Promise<AuthenticatedCaller | null>;

/** The server's keys cannot be had, so that nothing is known of the token. */
export class CloudUnavailableError extends Error {
  constructor(message: string);
  readonly code: "ERR_KEYS_UNAVAILABLE";
  /** What to answer with. */
  readonly status: 503;
}
