/** How to reach a server, and as whom. */
import type { AuthTokenRequest } from "./auth.js";
import type { AssistantCloudRunReport } from "./runs.js";

/** An SDK that reports itself to the server in the `Aui-Sdk` header, beside this package. */
export interface SdkIdentity {
  /** The npm package name. Surrounding white space is cut off; visible ASCII without spaces, or the identity is ignored. */
  name: string;
  /** The version, under the same rule. */
  version: string;
}

/**
 * What telemetry may send, and how. A plain object: it is read anew before every report and every batch of events, so
 * change it at any time.
 */
export interface AssistantCloudTelemetryConfig {
  /** `false` turns run reports and engagement events off. Default `true`. */
  enabled?: boolean;
  /** `false` turns engagement events off and leaves run reports on. Default `true`. */
  events?: boolean;
  /**
   * `false` stops assistant-ui from storing a copy of messages that a backend such as LangGraph's keeps. Default
   * `true`.
   */
  messages?: boolean;
  /** The release of the app, sent along. */
  release?: string;
  /** The environment of the app, such as `production`, sent along. */
  environment?: string;
  /** Tags of the app, sent along. */
  tags?: string[];
  /** Sees each report before it is sent; returns the one to send, or `null` to send none. */
  beforeReport?(report: AssistantCloudRunReport): AssistantCloudRunReport | null;
}

/** What every configuration may add. */
export interface AssistantCloudOptions {
  /** `false` turns telemetry off; an object configures it. Default `true`. */
  telemetry?: boolean | AssistantCloudTelemetryConfig;
}

/** What every configuration may add whose tokens expire. */
export interface AssistantCloudRenewalOptions extends AssistantCloudOptions {
  /**
   * How many seconds before its expiry a token is renewed, or a function that says so of the seconds which a token has
   * left when it arrives: for a new one its lifetime. Half of these at most, whatever is said; 0 leaves renewal to the
   * call that finds the token expired. Default: a quarter, and at most 30. What is no number in a function's answer means
   * the default; what it throws is reported as uncaught.
   */
  renewalLeeway?: number | ((secondsLeft: number) => number) | undefined;
}

/** A signed-in user: the app hands over a token whenever one is needed. */
export interface AssistantCloudTokenConfig extends AssistantCloudRenewalOptions {
  /** The server's absolute URL, `https://` and so on. A path prefix is kept, one trailing slash is not. */
  baseUrl: string;
  /**
   * Returns a JWT with a numeric `exp` for the current user, or `null` when nobody is signed in. It may
   * be a token of your server's or one of your identity provider's. Asked when there is no token, and
   * again shortly before the last one expires; never twice at the same time for one user. Has 30 s to answer;
   * throw when you could not find out, because `null` drops the token in hand. A thrown error's numeric `retryAfter`
   * is the seconds for which it is not asked again.
   */
  authToken: (request: AuthTokenRequest) => Promise<string | null>;
  /**
   * Names whose tokens these are. Clients of one origin with the same key, in any tab or worker, share tokens from the
   * first one on; without it only those whose tokens say the same already. Whoever uses the same key must be the same
   * user, in the same organization, at the same time.
   */
  sharingKey?: string;
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
export interface AssistantCloudAnonymousConfig extends AssistantCloudRenewalOptions {
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
