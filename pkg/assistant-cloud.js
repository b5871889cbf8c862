// @ts-check
/**
 * The client, put together. The entries bring the WASM that it needs.
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 * @import { Listeners } from "./listeners.js"
 */
import { anonymousSource } from "./anonymous.js";
import { createAuth } from "./auth.js";
import { readBaseUrl } from "./base-url.js";
import { apiKeyCredential } from "./credential.js";
import { CloudConfigError } from "./errors.js";
import { AssistantCloudEvents } from "./events.js";
import { createFiles } from "./files.js";
import { readLeeway } from "./leeway.js";
import { createListeners } from "./listeners.js";
import { createProjects } from "./projects.js";
import { createRuns } from "./runs.js";
import { AssistantCloudScores } from "./scores.js";
import { createSession } from "./session.js";
import { createThreads } from "./threads.js";
import { callbackSource } from "./token-source.js";
import { createTransport } from "./transport.js";

export class AssistantCloud {
  /**
   * @param {types.AssistantCloudConfig} config
   * @param {() => void} prepare makes the WASM ready, once something is asked of it
   */
  constructor(config, prepare) {
    const listeners = createListeners();
    const { baseUrl, credential } = readConfig(config, prepare, listeners);
    const transport = createTransport(baseUrl, credential);
    const { telemetry } = config;

    this.registerSdk = transport.registerSdk;
    /** @type {types.AssistantCloudTelemetryConfig} */
    this.telemetry =
      typeof telemetry === "object"
        ? { ...telemetry, enabled: telemetry.enabled !== false }
        : { enabled: telemetry !== false };
    this.threads = createThreads(transport);
    this.projects = createProjects(transport);
    this.auth = createAuth(transport, credential, listeners);
    this.runs = createRuns(transport);
    this.files = createFiles(transport);
    this.events = new AssistantCloudEvents(
      transport,
      credential,
      () => this.telemetry.enabled !== false && this.telemetry.events !== false,
    );
    this.scores = new AssistantCloudScores(transport);
  }
}

/**
 * @param {any} config
 * @param {() => void} prepare
 * @param {Listeners} listeners
 * @returns {{ baseUrl: string, credential: Credential }}
 */
function readConfig(config, prepare, listeners) {
  const { authToken, apiKey, userId, workspaceId, anonymous, renewalLeeway } = config ?? {};
  const setLeeway = readLeeway(renewalLeeway);
  if (typeof authToken === "function") {
    const baseUrl = readBaseUrl(config.baseUrl);
    const { sharingKey = "" } = config;
    const scope = `authToken:${baseUrl} ${sharingKey}`;
    return { baseUrl, credential: createSession(prepare, callbackSource(authToken), setLeeway, scope, sharingKey !== "", false, listeners) };
  }
  if ([apiKey, userId, workspaceId].every((part) => part && typeof part === "string")) {
    return { baseUrl: readBaseUrl(config.baseUrl), credential: apiKeyCredential(config) };
  }
  if (anonymous === true) {
    const baseUrl = readBaseUrl(config.baseUrl);
    return { baseUrl, credential: createSession(prepare, anonymousSource(baseUrl), setLeeway, `anonymous:${baseUrl}`, true, true, listeners) };
  }
  throw new CloudConfigError(
    "ERR_INVALID_CONFIG",
    "Invalid configuration: Must provide authToken, apiKey, or anonymous configuration",
  );
}
