/**
 * The client of an Assistant Cloud: it keeps a workspace token fresh, holds an anonymous visitor's
 * session, and reads and writes threads, messages and what belongs to them.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z on this device's clock, unless a `Date` is named.
 */
import type { AssistantCloudAuth } from "./types/auth.js";
import type { AssistantCloudConfig, AssistantCloudTelemetryConfig, SdkIdentity } from "./types/configuration.js";
import type { CloudConfigError } from "./types/errors.js";
import type { AssistantCloudEvents } from "./types/events.js";
import type { AssistantCloudFiles } from "./types/files.js";
import type { AssistantCloudProjects } from "./types/projects.js";
import type { AssistantCloudRuns } from "./types/runs.js";
import type { AssistantCloudScores } from "./types/scores.js";
import type { AssistantCloudThreads } from "./types/threads.js";

export * from "./types/auth.js";
export * from "./types/configuration.js";
export * from "./types/errors.js";
export * from "./types/events.js";
export * from "./types/files.js";
export * from "./types/messages.js";
export * from "./types/official.js";
export * from "./types/projects.js";
export * from "./types/runs.js";
export * from "./types/scores.js";
export * from "./types/threads.js";

/** The client. Making one sends nothing; the first call asks for the first token. */
export class AssistantCloud {
  /**
   * @throws {CloudConfigError} when the configuration is none of the three, or `baseUrl` is missing or no absolute URL.
   */
  constructor(config: AssistantCloudConfig);
  /** The workspace's threads. Always the same object. */
  readonly threads: AssistantCloudThreads;
  /** The threads of every workspace, for an API key. Always the same object. */
  readonly projects: AssistantCloudProjects;
  /** The token in hand and the identity behind it. Always the same object. */
  readonly auth: AssistantCloudAuth;
  /** Titles, and reports of what a model did. Always the same object. */
  readonly runs: AssistantCloudRuns;
  /** Attachments. Always the same object. */
  readonly files: AssistantCloudFiles;
  /** What users do, sent in batches. Always the same object. */
  readonly events: AssistantCloudEvents;
  /** Scores of threads, messages and runs. Always the same object. */
  readonly scores: AssistantCloudScores;
  /** The telemetry settings, to be changed in place. */
  readonly telemetry: AssistantCloudTelemetryConfig;
  /** Adds an SDK to the `Aui-Sdk` header of later requests. Works detached from the client. */
  readonly registerSdk: (sdk: SdkIdentity) => void;
}

/**
 * The refresh token of this browser's anonymous identity at `baseUrl`, or `null` when there is none with
 * more than 30 s left. Needs no client; hand it to the server to move the threads to an account.
 */
export function readAnonymousRefreshToken(baseUrl: string): string | null;
