// @ts-check
/** The official client and ours with one person's credential against one Worker. */
import assert from "node:assert/strict";
import { AssistantCloud as Official } from "assistant-cloud";

/** @import { Worker } from "../worker/workerd.mjs" */

/**
 * Asserts that both clients work with a credential, and that they find each other's threads.
 *
 * @param {Worker} worker
 * @param {() => Promise<string>} authToken as an application gives it to them
 * @returns {Promise<string[]>} the workspaces that the threads are in, which is one
 */
export async function chatWithBoth(worker, authToken) {
  // Without its generated half the package cannot be imported, and every test fails: nothing is skipped.
  const { AssistantCloud: Ours } = await import(/** @type {string} */ ("../../pkg/index.js"));
  const clouds = [Official, Ours].map((Cloud) => new Cloud({ baseUrl: worker.url, authToken }));
  const made = [];
  for (const cloud of clouds) {
    const { thread_id } = await cloud.threads.create({ last_message_at: new Date(), title: "Hello" });
    await cloud.threads.messages.create(thread_id, { parent_id: null, format: "aui/v0", content: { text: "Hello" } });
    made.push(thread_id);
  }
  const workspaces = new Set();
  for (const cloud of clouds) {
    const { threads } = await cloud.threads.list();
    const ids = threads.map((/** @type {any} */ { id }) => id);
    for (const id of made) assert.ok(ids.includes(id), "a thread of the other client's is not there");
    for (const thread of threads) workspaces.add(thread.workspace_id);
    /** @type {{ messages: unknown[] }} */
    const page = await cloud.threads.messages.list(made[0]);
    assert.equal(page.messages.length, 1);
  }
  return [...workspaces];
}
