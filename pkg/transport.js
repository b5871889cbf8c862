// @ts-check
/**
 * Asks the server, and makes an error of what it refuses (contract 1.1).
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 */
import { endpointMethod, endpointPath } from "./dist/assistant_cloud_bg.js";
import { CloudAPIError } from "./errors.js";
import { VERSION } from "./version.js";

/**
 * @typedef {object} RequestOptions
 * @property {string} [id] what the path names
 * @property {string} [innerId] what it names within that
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {object} [body]
 * @property {Record<string, string>} [headers]
 * @property {boolean} [keepalive] whether the request is to outlive the page
 * @property {number} [generation] the identity that the request is about; it is not sent for another one
 */

/**
 * @typedef {object} Transport
 * @property {types.AssistantCloud["registerSdk"]} registerSdk
 * @property {() => Promise<Record<string, string>>} headers that say who asks, and with what
 * @property {(endpoint: number, id?: string, innerId?: string) => string} urlOf
 * @property {(endpoint: number, options?: RequestOptions) => Promise<Response>} send resolves when the
 *   server has accepted
 * @property {(endpoint: number, options?: RequestOptions) => Promise<any>} request resolves to what it says
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
  const urlOf = (endpoint, id = "", innerId = "") => baseUrl + endpointPath(endpoint, `${id}`, `${innerId}`);

  /** @type {Transport["send"]} */
  const send = async (endpoint, { id, innerId, query = {}, body, headers, keepalive, generation } = {}) => {
    const authorization = await credential.authorize();
    credential.confirm(authorization.generation);
    if (generation !== undefined) credential.confirm(generation);
    const url = new URL(urlOf(endpoint, id, innerId));
    url.search = new URLSearchParams(
      Object.entries(query)
        .filter(([, value]) => value != null && value !== false)
        .map(([key, value]) => [key, String(value)]),
    ).toString();
    const requestedAt = Date.now();
    const response = await fetch(url, {
      method: endpointMethod(endpoint),
      headers: {
        ...authorization.headers,
        ...headers,
        "Content-Type": "application/json",
        ...sdkHeader(),
      },
      body: body ? JSON.stringify(body) : null,
      ...(keepalive && { keepalive }),
    });
    // Before the status is looked at: a refused request may have handed a token over as well.
    credential.readResponse(response, authorization, requestedAt);
    if (!response.ok) throw readError(response.status, await response.text());
    return response;
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
    send,
    async request(endpoint, options) {
      const response = await send(endpoint, options);
      if (response.status === 204 || response.headers.get("content-length") === "0") return undefined;
      const text = await response.text();
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
