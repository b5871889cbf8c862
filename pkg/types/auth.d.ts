/** The token in hand and the identity behind it. */
import type { AssistantCloudThreads } from "./threads.js";
import type { CloudAuthError } from "./errors.js";
import type { OfficialAuthTokens } from "./nominal.js";

/** Workspace tokens for others, asked for with an API key. */
export interface AssistantCloudAuthTokens extends OfficialAuthTokens {
  /**
   * A workspace token for the configured `userId` and `workspaceId`, good for five minutes, to be handed
   * to that user's browser. Rejects like the methods of {@link AssistantCloudThreads}; without an API key
   * with status 403.
   */
  create(options?: CallOptions): Promise<{ token: string }>;
}

/**
 * Where the client stands.
 *
 * - `idle`: no token has been asked for yet, or not since {@link AssistantCloudAuth.invalidate}
 * - `pending`: the first token is on its way
 * - `ready`: there is a token, or an API key. The token may have run out meanwhile: see `expiresAt`
 * - `signedOut`: `authToken` returned `null`, or {@link AssistantCloudAuth.signOut} was called, here or in another tab
 * - `failed`: no token that could be used, and the last attempt to get one failed. The next call tries again
 */
export type AuthStatus = "idle" | "pending" | "ready" | "signedOut" | "failed";

/** Who the server takes the caller for. */
export interface AuthIdentity {
  /** The user, once a token or the configuration says so. */
  readonly userId: string | null;
  /** The workspace. Stays `null` with an identity provider's token until the server has answered once. */
  readonly workspaceId: string | null;
  /** Whether this is a visitor without an account. */
  readonly anonymous: boolean;
}

/** A snapshot of the client's authentication. Never changes; {@link AssistantCloudAuth.state} becomes another object. */
export interface AuthState extends AuthIdentity {
  readonly status: AuthStatus;
  /** The payload of the token in hand, unverified; `null` without one. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** When the token stops being used, in ms; `null` without one. */
  readonly expiresAt: number | null;
  /** When the token is renewed ahead of that, in ms; `null` when no renewal is due. */
  readonly renewsAt: number | null;
  /**
   * Whether the anonymous identity will be there after a reload. `false` where the browser refuses storage or has no
   * room; `null` before there is an identity, and for a user whose tokens the app hands over.
   */
  readonly durable: boolean | null;
  /** By how many ms this device's clock is ahead of the server's, negative when it is behind; 0 when it seems right. */
  readonly clockSkew: number;
}

/** What `authToken` is told, to be passed on to an auth library that keeps tokens itself. */
export interface AuthTokenRequest {
  /** There was no token; the last one `expiring` soon or `expired`; or the server `rejected` it with status 401. */
  readonly reason: "missing" | "expiring" | "expired" | "rejected";
  /** Whether a token from a cache is of no use: the last one was refused, or came twice. */
  readonly forceRefresh: boolean;
  /**
   * With the reason `rejected`: the `iat` of the token that this callback gave last and the server accepts no more, in
   * seconds as in the token, by its issuer's clock. A cache that holds a token with the same or an earlier `iat` holds
   * none to return. Absent when that token had no `iat`.
   */
  readonly rejectedTokenIssuedAt?: number;
  /** Aborted when the answer is not waited for any longer: after 30 s, on sign-out, on `dispose()`. */
  readonly signal: AbortSignal;
}

/** What every call that asks the server may be given last. */
export interface CallOptions {
  /**
   * Ends this call, and no other that waits for the same token. Rejects with the signal's reason. A deadline is
   * `AbortSignal.timeout(5_000)`.
   */
  signal?: AbortSignal;
}

/** A token is in hand. Carries no token, so that it can be logged. */
export interface AuthTokenEvent {
  readonly type: "token";
  /**
   * Where it came from: the `authToken` callback, a new `anonymous` identity, a `refresh` of one, the
   * header of a `response`, with which a server replaces an identity provider's token by its own, or another tab.
   */
  readonly source: "authToken" | "anonymous" | "refresh" | "response" | "otherTab";
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expiresAt: number;
  readonly renewsAt: number | null;
}

/** The user or the workspace is another one than before. Time to drop what was loaded for the last one. */
export interface AuthIdentityEvent extends AuthIdentity {
  readonly type: "identity";
  /** Who it was before. */
  readonly previous: AuthIdentity;
}

/** Nobody is signed in any more. Follows the `identity` event, if somebody was. */
export interface AuthSignedOutEvent {
  readonly type: "signedOut";
  /** By {@link AssistantCloudAuth.signOut}, by the same in another tab, or because `authToken` returned `null`. */
  readonly reason: "signOut" | "otherTab" | "authToken";
  /** Who it was before. */
  readonly previous: AuthIdentity;
}

/** This device's clock is wrong by more than 30 s, or right again. Tokens are dated accordingly; the rest of the app may not be. */
export interface AuthClockSkewEvent {
  readonly type: "clockSkew";
  /** As {@link AuthState.clockSkew}. */
  readonly skew: number;
}

/** No token could be had. Also emitted for a renewal in the background, which no caller waits for. */
export interface AuthErrorEvent {
  readonly type: "error";
  /** What the waiting calls reject with. Usually a {@link CloudAuthError}, or what `authToken` or `fetch` threw. */
  readonly error: unknown;
  /** Whether the token in hand is still good, so that no call has failed yet. */
  readonly background: boolean;
}

/** The events by name. */
export interface AuthEventMap {
  token: AuthTokenEvent;
  identity: AuthIdentityEvent;
  signedOut: AuthSignedOutEvent;
  error: AuthErrorEvent;
  clockSkew: AuthClockSkewEvent;
}

/** The token in hand and the identity behind it. */
export interface AssistantCloudAuth {
  readonly tokens: AssistantCloudAuthTokens;
  /** The current snapshot: the same object until something changes, so it fits `useSyncExternalStore`. */
  readonly state: AuthState;
  /**
   * Calls `listener` at every such event, after {@link state} has changed. Returns a function that stops it.
   * What a listener throws is reported as uncaught and reaches nobody else.
   */
  on<Type extends keyof AuthEventMap>(type: Type, listener: (event: AuthEventMap[Type]) => void): () => void;
  /**
   * A token that is good now, for a server of your own that verifies it. With an API key, the key. Ends as every other
   * call does when there is none.
   */
  getToken(options?: CallOptions): Promise<string>;
  /**
   * Forgets the token and the identity, as when the user may have changed, and ends a sign-out. Calls under way
   * reject with `ERR_INVALIDATED`; an answer on its way restores nothing. The next call asks anew. A
   * visitor's anonymous identity stays in `localStorage`; an API key stays in use.
   */
  invalidate(): void;
  /**
   * Ends the session here and in every other tab of the origin, at once and without asking anybody. Calls reject with
   * `ERR_SIGNED_OUT` and `authToken` is not called until {@link invalidate}; an answer on its way, in any tab, restores
   * nothing. A visitor's anonymous identity is deleted. An API key stays in use.
   */
  signOut(): void;
  /**
   * Leaves nothing behind: ends what is under way as {@link invalidate} does, and lets go of timers, listeners and
   * channels. A later call starts anew, so that an effect may clean up with it and run twice.
   */
  dispose(): void;
}
