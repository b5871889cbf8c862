// @ts-check
/**
 * What requests are authorized with.
 *
 * @import * as types from "./index.js"
 */

/**
 * @typedef {object} Authorization
 * @property {Record<string, string>} headers
 * @property {number} generation the identity that the headers speak for
 */

/**
 * @typedef {object} Credential
 * @property {() => types.AuthState} state
 * @property {() => number} generation that of the identity which is known now
 * @property {() => Promise<Authorization>} authorize
 * @property {(generation: number) => void} confirm throws when that identity has been dropped meanwhile
 * @property {(response: Response, authorization: Authorization, requestedAt: number) => void} readResponse
 *   takes the token that a response may hand over; `requestedAt` is when its request was sent, in ms
 * @property {() => void} invalidate
 */

/**
 * An API key, which never changes and is never renewed.
 *
 * @param {types.AssistantCloudApiKeyConfig} config
 * @returns {Credential}
 */
export function apiKeyCredential({ apiKey, userId, workspaceId }) {
  warnInPage();
  const state = Object.freeze({
    status: /** @type {const} */ ("ready"),
    userId,
    workspaceId,
    anonymous: false,
    claims: null,
    expiresAt: null,
    renewsAt: null,
  });
  const headers = {
    Authorization: `Bearer ${apiKey}`,
    "Aui-User-Id": userId,
    "Aui-Workspace-Id": workspaceId,
  };
  return {
    state: () => state,
    generation: () => 0,
    authorize: async () => ({ headers, generation: 0 }),
    confirm() {},
    readResponse() {},
    invalidate() {},
  };
}

let warned = false;

/** Says, once, that the key is everybody's. No error: a page may be its owner's own. */
function warnInPage() {
  // A page's worker has no document, but this function, which no runtime of servers has.
  if (warned || !("document" in globalThis || "importScripts" in globalThis)) return;
  warned = true;
  console.error(
    "assistant-cloud-edge: whoever opens this page can read its API key and act as any user. " +
      "Revoke the key and let your server hand out tokens.",
  );
}
