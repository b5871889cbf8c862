// @ts-check
/**
 * The token in hand and the identity behind it, as the app sees them.
 *
 * @import * as types from "./index.js"
 * @import { Credential } from "./credential.js"
 * @import { Listeners } from "./listeners.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CREATE_TOKEN } from "./endpoint.js";
import { readRecord, readString } from "./response.js";

/**
 * @param {Transport} transport
 * @param {Credential} credential
 * @param {Listeners} listeners
 * @returns {Implementation<types.AssistantCloudAuth>}
 */
export function createAuth({ request }, credential, listeners) {
  return {
    tokens: {
      async create(options) {
        const response = readRecord(await request(CREATE_TOKEN, { signal: options?.signal }), "auth token response");
        return { token: readString(response.token, "token") };
      },
    },
    get state() {
      return credential.state();
    },
    on: listeners.on,
    getToken: async (options) => (credential.peek() ?? (await credential.authorize(options?.signal))).token,
    invalidate: credential.invalidate,
    signOut: credential.signOut,
    dispose: credential.dispose,
  };
}
