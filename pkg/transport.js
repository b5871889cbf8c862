// @ts-check
/**
 * Asks the server, and makes an error of what it refuses (contract 1.1).
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 */
import { lineOf } from "./endpoint.js";
import { CloudAPIError } from "./errors.js";
import { uncached } from "./next-cache.js";
import { VERSION } from "./version.js";

/**
 * @typedef {object} RequestOptions
 * @property {string} [id] what the path names
 * @property {string} [innerId] what it names within that
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {object} [body]
 * @property {Record<string, string>} [headers]
 * @property {boolean} [keepalive] whether the request is to outlive the page
 * @property {AbortSignal | undefined} [signal] ends the call, and its own request only
 * @property {number} [generation] the identity that the request is about; it is not sent for another one
 */

/**
 * @typedef {object} Transport
 * @property {types.AssistantCloud["registerSdk"]} registerSdk
 * @property {() => Promise<Record<string, string>>} headers that say who asks, and with what
 * @property {(endpoint: string) => string} urlOf
 * @property {(endpoint: string, options?: RequestOptions) => Promise<Response>} send resolves when the
 *   server has accepted
 * @property {(endpoint: string, options?: RequestOptions) => Promise<any>} request resolves to what it says
 */

/**
 * @param {string} baseUrl normalized
 * @param {Credential} credential
 * @returns {Transport}
 */
export function createTransport(baseUrl, credential) {
  const sdks = new Set([`assistant-cloud/${VERSION}`]);
  const sdkHeader = () => ({ "Aui-Sdk": [...sdks].join(" ") });

  /** @type {Transport["urlOf"]} */
  const urlOf = (endpoint) => baseUrl + lineOf(endpoint).path;

  /**
   * @param {string} endpoint
   * @param {RequestOptions} [options]
   */
  const exchange = async (endpoint, { id, innerId, query = {}, body, headers, keepalive, generation, signal } = {}) => {
    const { method, path } = lineOf(endpoint, id, innerId);
    const url = new URL(baseUrl + path);
    const pairs = Object.entries(query).filter(([, value]) => value != null && value !== false);
    if (pairs.length > 0) url.search = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
    for (let repeated = false; ; repeated = true) {
      const authorization = await credential.authorize(signal);
      // A request is about one identity, also when it is sent again.
      credential.confirm((generation ??= authorization.generation));
      const sentAt = Date.now();
      const init = {
        method,
        headers: {
          ...authorization.headers,
          ...headers,
          "Content-Type": "application/json",
          ...sdkHeader(),
        },
        body: body ? JSON.stringify(body) : null,
        ...(keepalive && { keepalive }),
        ...(signal && { signal }),
      };
      const response = await fetch(url, uncached(init));
      // Before the status is looked at: a refused request may have handed a token over as well.
      credential.readResponse(response, authorization, sentAt);
      credential.confirm(generation);
      if (response.ok) return { response, generation };
      const error = readError(response.status, await response.text());
      const isRefusal = error.status === 401 && !repeated;
      if (!isRefusal || !credential.isWorthRepeating(authorization, error.code ?? "")) throw error;
    }
  };

  return {
    registerSdk(sdk) {
      const name = sdk.name.trim();
      const version = sdk.version.trim();
      // Anything else cannot travel in a header, or would be read as two identities.
      if ([name, version].every((part) => /^[\x21-\x7e]+$/.test(part))) sdks.add(`${name}/${version}`);
    },
    async headers() {
      return { ...(await credential.authorize()).headers, ...sdkHeader() };
    },
    urlOf,
    send: async (endpoint, options) => (await exchange(endpoint, options)).response,
    async request(endpoint, options) {
      const { response, generation } = await exchange(endpoint, options);
      if (response.status === 204 || response.headers.get("content-length") === "0") return undefined;
      const text = await response.text();
      credential.confirm(generation);
      return text.trim() === "" ? undefined : JSON.parse(text);
    },
  };
}

/**
 * @param {number} status
 * @param {string} text
 */
function readError(status, text) {
  /** @type {any} */
  let body;
  try {
    body = JSON.parse(text);
  } catch {}
  const record = typeof body === "object" && body !== null ? body : {};
  const { error: code, ...details } = record;
  const named = typeof code === "string";
  return new CloudAPIError(
    typeof record.message === "string" && record.message !== ""
      ? record.message
      : `Request failed with status ${status}, ${text}`,
    status,
    named ? code : undefined,
    named ? details : undefined,
  );
}
