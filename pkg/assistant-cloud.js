// @ts-check
/**
 * The client, put together. The entries bring the WASM that it needs.
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 * @import { Listeners } from "./listeners.js"
 * @import { Transport } from "./transport.js"
 */
import { anonymousSource } from "./anonymous.js";
import { createAuth } from "./auth.js";
import { checkBaseUrl, recognizeBaseUrl } from "./base-url.js";
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

/**
 * @typedef {object} Connection
 * @property {Transport} transport
 * @property {Credential} credential
 * @property {Listeners} listeners
 */

/** How a client's parts are made. @type {Record<string, (connection: Connection, cloud: AssistantCloud) => unknown>} */
const MAKERS = {
  threads: ({ transport }) => createThreads(transport),
  projects: ({ transport }) => createProjects(transport),
  auth: ({ transport, credential, listeners }) => createAuth(transport, credential, listeners),
  runs: ({ transport }) => createRuns(transport),
  files: ({ transport }) => createFiles(transport),
  events: ({ transport, credential }, cloud) =>
    new AssistantCloudEvents(
      transport,
      credential,
      () => cloud.telemetry.enabled !== false && cloud.telemetry.events !== false,
    ),
  scores: ({ transport }) => new AssistantCloudScores(transport),
};

/** Where a client keeps what it has made of itself: a property, which a proxy around the client has as well. */
const MADE = Symbol("made");

/** @typedef {{ [MADE]: { connection: () => Connection, parts: Record<string, unknown> } } & AssistantCloud} Maker */

/**
 * The parts, as properties. They are made when they are first read: an app uses some of them, few of them at once, and
 * none while its page starts.
 */
const PROPERTIES = Object.fromEntries(
  Object.entries(MAKERS).map(([name, make]) => {
    /** @type {PropertyDescriptor & ThisType<Maker>} */
    const property = {
      enumerable: true,
      configurable: true,
      get() {
        const { connection, parts } = this[MADE];
        return (parts[name] ??= make(connection(), this));
      },
      set(other) {
        this[MADE].parts[name] = other;
      },
    };
    return [name, property];
  }),
);

export class AssistantCloud {
  /**
   * @param {types.AssistantCloudConfig} config
   * @param {() => void} prepare makes the WASM ready, once something is asked of it
   */
  constructor(config, prepare) {
    const { baseUrl, createCredential } = readConfig(config, prepare);
    const { telemetry } = config;
    /** @type {Connection | undefined} */
    let made;
    const connection = () => (made ??= connect(baseUrl, createCredential));

    /** @type {types.AssistantCloud["registerSdk"]} */
    this.registerSdk = (sdk) => connection().transport.registerSdk(sdk);
    /** @type {types.AssistantCloudTelemetryConfig} */
    this.telemetry =
      typeof telemetry === "object"
        ? { ...telemetry, enabled: telemetry.enabled !== false }
        : { enabled: telemetry !== false };
    Object.defineProperty(this, MADE, { value: { connection, parts: {} } });
    Object.defineProperties(this, PROPERTIES);
  }
}

/**
 * @param {string} baseUrl
 * @param {(listeners: Listeners) => Credential} createCredential
 * @returns {Connection}
 */
function connect(baseUrl, createCredential) {
  checkBaseUrl(baseUrl);
  const listeners = createListeners();
  const credential = createCredential(listeners);
  return { transport: createTransport(baseUrl, credential), credential, listeners };
}

/**
 * @param {any} config
 * @param {() => void} prepare
 * @returns {{ baseUrl: string, createCredential: (listeners: Listeners) => Credential }}
 */
function readConfig(config, prepare) {
  const { authToken, apiKey, userId, workspaceId, anonymous, renewalLeeway } = config ?? {};
  const setLeeway = readLeeway(renewalLeeway);
  if (typeof authToken === "function") {
    const baseUrl = recognizeBaseUrl(config.baseUrl);
    const { sharingKey = "" } = config;
    const scope = `authToken:${baseUrl} ${sharingKey}`;
    return { baseUrl, createCredential: (listeners) => createSession(prepare, callbackSource(authToken), setLeeway, scope, sharingKey !== "", false, listeners) };
  }
  if ([apiKey, userId, workspaceId].every((part) => part && typeof part === "string")) {
    const baseUrl = recognizeBaseUrl(config.baseUrl);
    const credential = apiKeyCredential(config);
    return { baseUrl, createCredential: () => credential };
  }
  if (anonymous === true) {
    const baseUrl = recognizeBaseUrl(config.baseUrl);
    return { baseUrl, createCredential: (listeners) => createSession(prepare, anonymousSource(baseUrl), setLeeway, `anonymous:${baseUrl}`, true, true, listeners) };
  }
  throw new CloudConfigError(
    "ERR_INVALID_CONFIG",
    "Invalid configuration: Must provide authToken, apiKey, or anonymous configuration",
  );
}
