// @ts-check
/**
 * What requests are authorized with.
 *
 * @import * as types from "./index.js"
 */

/**
 * @typedef {object} Authorization
 * @property {string} token
 * @property {Record<string, string>} headers
 * @property {number} generation the identity that the headers speak for
 * @property {number} serial the token in them
 * @property {number} until when to ask for it again, in ms
 */

/**
 * @typedef {object} Credential
 * @property {() => types.AuthState} state
 * @property {() => number} generation that of the identity which is known now
 * @property {() => Authorization | null} peek what can be used at once, without asking anything
 * @property {(signal?: AbortSignal) => Promise<Authorization>} authorize
 * @property {(generation: number) => void} confirm throws when that identity has been dropped meanwhile
 * @property {(response: Response, authorization: Authorization, sentAt: number) => void} readResponse
 *   takes the token that a response may hand over; `sentAt` is when its request was sent, in ms
 * @property {(authorization: Authorization, error: string) => boolean} isWorthRepeating whether a request that was
 *   refused with status 401 may do better with another token
 * @property {() => void} invalidate
 * @property {() => void} signOut
 * @property {() => void} dispose
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
    durable: null,
    clockSkew: 0,
  });
  const headers = {
    Authorization: `Bearer ${apiKey}`,
    "Aui-User-Id": userId,
    "Aui-Workspace-Id": workspaceId,
  };
  const authorization = { token: apiKey, headers, generation: 0, serial: 0, until: Infinity };
  const nothing = () => {};
  return {
    state: () => state,
    generation: () => 0,
    peek: () => authorization,
    authorize: async () => authorization,
    confirm: nothing,
    readResponse: nothing,
    isWorthRepeating: () => false,
    invalidate: nothing,
    signOut: nothing,
    dispose: nothing,
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
