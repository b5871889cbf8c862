// @ts-check
/** Our client and the official one in the same world: the same call, the same answers, compared value by value. */
import assert from "node:assert/strict";
import * as official from "assistant-cloud";
import { answer, baseUrl, cloudEdge, installFetch } from "./world.mjs";

/** A configuration that asks nobody for a token. */
export const key = { baseUrl, apiKey: "sk_aui_x", userId: "u", workspaceId: "w" };

/** The official client's class, with the parts that both have. @type {new (config: any) => official.AssistantCloud} */
export const OfficialCloud = official.AssistantCloud;

/** Ours, seen as the official one. Its types refuse that, because theirs name private members. */
export const OurCloud = /** @type {typeof OfficialCloud} */ (/** @type {unknown} */ (cloudEdge.AssistantCloud));

/**
 * Everything about an outcome that a caller can see.
 *
 * @param {Promise<unknown>} promise
 * @returns {Promise<any>}
 */
export async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    const { name, message, ...rest } = /** @type {any} */ (error);
    return { name, message, ...rest };
  }
}

/**
 * The requests that a fetch has seen, without what names the library.
 *
 * @param {{ mock: { calls: { arguments: any[] }[] } }} fetch
 */
export function seen(fetch) {
  return fetch.mock.calls.map(({ arguments: [url, init] }) => {
    const { "Aui-Sdk": sdk, ...headers } = init.headers;
    assert.ok(sdk);
    return { ...init, url: String(url), headers };
  });
}

/**
 * Makes the same call with both, the server answering the same, and compares what they ask and what comes of it.
 *
 * @param {unknown} body what the server answers: JSON, or a function that makes a response
 * @param {(cloud: official.AssistantCloud) => Promise<unknown>} call
 * @param {number} [status]
 * @returns {Promise<any>} the outcome, with the one `request`
 */
export async function same(body, call, status = 200) {
  const results = [];
  for (const Cloud of [OfficialCloud, OurCloud]) {
    const fetch = installFetch(() => (typeof body === "function" ? body() : answer(body, { status })));
    results.push({ ...(await outcome(call(new Cloud(key)))), requests: seen(fetch) });
  }
  assert.deepEqual(results[1], results[0]);
  const { requests, ...rest } = results[1];
  assert.equal(requests.length, 1);
  return { ...rest, request: requests[0] };
}

/**
 * As `same`, for answers of which every one breaks the contract, each in its own place.
 *
 * @param {[string, unknown][]} answers what the message names, and the answer
 * @param {(cloud: official.AssistantCloud) => Promise<unknown>} call
 */
export async function sameRefusals(answers, call) {
  for (const [words, body] of answers) {
    const { name, message } = await same(body, call);
    assert.equal(`${name}: ${message}`, `CloudResponseError: Invalid Assistant Cloud response for ${words}`);
  }
}
