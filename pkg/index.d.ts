/**
 * The client of an Assistant Cloud: it keeps a workspace token fresh, holds an anonymous visitor's
 * session, and reads and writes threads.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z on this device's clock, unless a `Date` is named.
 */

/** An SDK that reports itself to the server in the `Aui-Sdk` header, beside this package. */
export interface SdkIdentity {
  /** The npm package name. Surrounding white space is cut off; visible ASCII without spaces, or the identity is ignored. */
  name: string;
  /** The version, under the same rule. */
  version: string;
}

/** A run report as telemetry hooks see it. */
export type AssistantCloudRunReport = { [field: string]: any };

/** What telemetry may send, and how. A plain object: it is read anew before every report, so change it at any time. */
export interface AssistantCloudTelemetryConfig {
  /** `false` turns run reports and engagement events off. Default `true`. */
  enabled?: boolean;
  /** `false` turns engagement events off and leaves run reports on. Default `true`. */
  events?: boolean;
  /** The release of the app, sent along. */
  release?: string;
  /** The environment of the app, such as `production`, sent along. */
  environment?: string;
  /** Tags of the app, sent along. */
  tags?: string[];
  /** Sees each report before it is sent; returns the one to send, or `null` to send none. */
  beforeReport?: (report: AssistantCloudRunReport) => AssistantCloudRunReport | null;
}

/** What every configuration may add. */
export interface AssistantCloudOptions {
  /** `false` turns telemetry off; an object configures it. Default `true`. */
  telemetry?: boolean | AssistantCloudTelemetryConfig;
}

/** A signed-in user: the app hands over a token whenever one is needed. */
export interface AssistantCloudTokenConfig extends AssistantCloudOptions {
  /** The server's absolute URL, `https://` and so on. A path prefix is kept, one trailing slash is not. */
  baseUrl: string;
  /**
   * Returns a JWT with a numeric `exp` for the current user, or `null` when nobody is signed in. It may
   * be a token of your server's or one of your identity provider's. Asked when there is no token, and
   * again shortly before the last one expires; never twice at the same time for one user. Has 30 s to answer;
   * throw when you could not find out, because `null` drops the token in hand.
   */
  authToken: () => Promise<string | null>;
}

/** A server that acts for a user. Never put an API key into a page. */
export interface AssistantCloudApiKeyConfig extends AssistantCloudOptions {
  /** The server's absolute URL. Required: there is no default, so that a key only goes where you send it. */
  baseUrl: string;
  /** The secret, `sk_aui_...`. */
  apiKey: string;
  /** The user to act for: 1 to 255 characters without white space. */
  userId: string;
  /** The workspace to act in, under the same rule. */
  workspaceId: string;
}

/** A visitor without an account. The identity is kept in `localStorage` and shared by the tabs of a browser. */
export interface AssistantCloudAnonymousConfig extends AssistantCloudOptions {
  /** The server's absolute URL. Each one has its own anonymous identity. */
  baseUrl: string;
  /** Always `true`. */
  anonymous: true;
}

/** How to reach a server, and as whom. */
export type AssistantCloudConfig =
  | AssistantCloudTokenConfig
  | AssistantCloudApiKeyConfig
  | AssistantCloudAnonymousConfig;

/** The client. Making one sends nothing; the first call asks for the first token. */
export class AssistantCloud {
  /**
   * @throws {CloudConfigError} when the configuration is none of the three, or `baseUrl` is missing or no absolute URL.
   */
  constructor(config: AssistantCloudConfig);
  /** The workspace's threads. Always the same object. */
  readonly threads: AssistantCloudThreads;
  /** The token in hand and the identity behind it. Always the same object. */
  readonly auth: AssistantCloudAuth;
  /** The telemetry settings, to be changed in place. */
  readonly telemetry: AssistantCloudTelemetryConfig;
  /** Adds an SDK to the `Aui-Sdk` header of later requests. Works detached from the client. */
  readonly registerSdk: (sdk: SdkIdentity) => void;
}

/** A thread. */
export interface CloudThread {
  /** `thread_0...` */
  id: string;
  /** The project that the workspace belongs to. */
  project_id: string;
  /** The workspace that owns the thread. */
  workspace_id: string;
  /** The title; empty when none is set. */
  title: string;
  /** When the last message was written. Lists are in this order, newest first. */
  last_message_at: Date;
  created_at: Date;
  updated_at: Date;
  is_archived: boolean;
  /** Your own id for the thread, or `null`. */
  external_id: string | null;
  /** Whatever was stored with the thread. */
  metadata: unknown;
}

/** Which threads to list. */
export interface CloudThreadListQuery {
  /** `true` for the archived threads, otherwise the others; never both. */
  is_archived?: boolean | undefined;
  /** How many at most, 1 to 100. Default 20. */
  limit?: number | undefined;
  /** The id of a thread to continue after. */
  after?: string | undefined;
}

/** A page of threads, newest first. */
export interface CloudThreadListResponse {
  threads: CloudThread[];
}

/** A thread to be made. */
export interface CloudThreadCreateBody {
  /** When its last message was written. */
  last_message_at: Date;
  /** 1 to 255 characters. */
  title?: string | undefined;
  /** An object of strings to store with the thread. */
  metadata?: unknown;
  /** Your own id for the thread, 1 to 255 characters. Need not be unique. */
  external_id?: string | undefined;
  /** With `external_id`: returns the oldest thread that has it, if there is one, instead of making another. */
  upsert?: boolean | undefined;
}

/** The thread that was made, or found. */
export interface CloudThreadCreateResponse {
  thread_id: string;
}

/** A change to a thread. What is left out stays. */
export interface CloudThreadUpdateBody {
  /** 1 to 255 characters. */
  title?: string | undefined;
  last_message_at?: Date | undefined;
  /** An object of strings; `null` clears it. */
  metadata?: unknown;
  is_archived?: boolean | undefined;
}

/**
 * The threads of the current workspace.
 *
 * Every method rejects with {@link CloudAPIError} when the server refuses, {@link CloudResponseError}
 * when its answer does not have the promised shape, {@link CloudAuthError} when there is no token to
 * ask with, and what `fetch` throws when the server could not be reached.
 */
export interface AssistantCloudThreads {
  /** A page of threads, newest first. */
  list(query?: CloudThreadListQuery): Promise<CloudThreadListResponse>;
  /** One thread. Status 404 when it does not exist or belongs to another workspace. */
  get(threadId: string): Promise<CloudThread>;
  /** Makes a thread. */
  create(body: CloudThreadCreateBody): Promise<CloudThreadCreateResponse>;
  /** Changes a thread. */
  update(threadId: string, body: CloudThreadUpdateBody): Promise<void>;
  /** Deletes a thread and its messages. */
  delete(threadId: string): Promise<void>;
}

/** Workspace tokens for others, asked for with an API key. */
export interface AssistantCloudAuthTokens {
  /**
   * A workspace token for the configured `userId` and `workspaceId`, good for five minutes, to be handed
   * to that user's browser. Rejects like the methods of {@link AssistantCloudThreads}; without an API key
   * with status 403.
   */
  create(): Promise<{ token: string }>;
}

/**
 * Where the client stands.
 *
 * - `idle`: no token has been asked for yet, or not since {@link AssistantCloudAuth.invalidate}
 * - `pending`: the first token is on its way
 * - `ready`: there is a token, or an API key. The token may have run out meanwhile: see `expiresAt`
 * - `signedOut`: `authToken` returned `null`
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
}

/** A token is in hand. Carries no token, so that it can be logged. */
export interface AuthTokenEvent {
  readonly type: "token";
  /**
   * Where it came from: the `authToken` callback, a new `anonymous` identity, a `refresh` of one, or the
   * header of a `response`, with which a server replaces an identity provider's token by its own.
   */
  readonly source: "authToken" | "anonymous" | "refresh" | "response";
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
  error: AuthErrorEvent;
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
   * Forgets the token and the identity, as when the user signs out or changes. Calls that still wait for a
   * token reject with `ERR_INVALIDATED`; an answer on its way restores nothing. The next call asks anew. A
   * visitor's anonymous identity stays in `localStorage`; an API key stays in use.
   */
  invalidate(): void;
}

/**
 * The refresh token of this browser's anonymous identity at `baseUrl`, or `null` when there is none with
 * more than 30 s left. Needs no client; hand it to the server to move the threads to an account.
 */
export function readAnonymousRefreshToken(baseUrl: string): string | null;

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
 * - `ERR_NO_TOKEN`: `authToken` returned `null` or an empty string; nobody is signed in
 * - `ERR_TOKEN_UNREADABLE`: a token that is no JWT with a numeric `exp`
 * - `ERR_TOKEN_EXPIRED`: a token that was expired when it arrived, by this device's clock
 * - `ERR_TOKEN_TIMEOUT`: no answer within 30 s
 * - `ERR_ANONYMOUS_FAILED`: the server gave no anonymous identity; see `status`
 * - `ERR_REFRESH_FAILED`: the server could not renew the anonymous session now (429, 5xx); see `status`
 * - `ERR_REFRESH_REFUSED`: the refusal to renew came without the words that end an identity, perhaps from
 *   a proxy or a captive portal. The identity is kept; see `status`
 * - `ERR_INVALIDATED`: {@link AssistantCloudAuth.invalidate} was called while the call waited
 */
export type CloudAuthErrorCode =
  | "ERR_NO_TOKEN"
  | "ERR_TOKEN_UNREADABLE"
  | "ERR_TOKEN_EXPIRED"
  | "ERR_TOKEN_TIMEOUT"
  | "ERR_ANONYMOUS_FAILED"
  | "ERR_REFRESH_FAILED"
  | "ERR_REFRESH_REFUSED"
  | "ERR_INVALIDATED";

/** There is no token to ask the server with. `code` is stable, the message is not. */
export class CloudAuthError extends Error {
  constructor(code: CloudAuthErrorCode, message: string, options?: { status?: number; cause?: unknown });
  readonly code: CloudAuthErrorCode;
  /** The HTTP status of the token endpoint, where one answered. */
  readonly status?: number;
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
