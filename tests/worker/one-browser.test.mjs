// @ts-check
/** Our client and the official one in the tabs of one browser. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import * as official from "assistant-cloud";

import { LocalStorage, refreshTokenKey, useLocalStorage } from "./local-storage.mjs";
import { comparable, outcome } from "./outcome.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */
/** @typedef {Pick<official.AssistantCloud, "threads" | "auth">} Cloud */
/** @typedef {{ AssistantCloud: new (config: any) => Cloud, CloudAPIError: Function }} Library */

/** @type {Worker} */
let worker;
/** @type {Record<"theirs" | "ours", Library>} */
let libraries;
before(async () => {
  const built = "../../pkg/index.js";
  // Without its generated half the package cannot be imported, and every test here fails: nothing is skipped.
  const [ours, started] = await Promise.all([import(built), startWorker()]);
  libraries = { theirs: official, ours };
  worker = started;
});
after(() => worker?.close());

describe("both clients in one browser", () => {
  /** @type {LocalStorage} */
  let storage;
  beforeEach(() => useLocalStorage((storage = new LocalStorage())));
  afterEach(() => useLocalStorage(undefined));

  /** @param {Library} library */
  async function identity({ AssistantCloud }) {
    const { threads } = new AssistantCloud({ baseUrl: worker.url, anonymous: true });
    const { thread_id } = await threads.create({ last_message_at: new Date() });
    return (await threads.get(thread_id)).workspace_id;
  }

  it("are one visitor, whichever comes first, and store the same", async () => {
    for (const order of [
      ["theirs", "ours"],
      ["ours", "theirs"],
    ]) {
      useLocalStorage((storage = new LocalStorage()));
      const identities = [];
      for (const name of [...order, ...order]) {
        identities.push(await identity(libraries[/** @type {"theirs" | "ours"} */ (name)]));
        const stored = JSON.parse(String(storage.getItem(refreshTokenKey(worker.url))));
        assert.deepEqual(Object.keys(stored).sort(), ["expires_at", "token"], `${name} stores it`);
      }
      assert.equal(new Set(identities).size, 1, order.join());
    }
  });

  it("ask the Worker for an identity, and for its renewal, in the same way", async () => {
    for (const round of ["mint", "refresh"]) {
      const sent = [];
      for (const { AssistantCloud } of [libraries.theirs, libraries.ours]) {
        if (round === "mint") useLocalStorage((storage = new LocalStorage()));
        const { requests } = await outcome(() =>
          new AssistantCloud({ baseUrl: worker.url, anonymous: true }).threads.list(),
        );
        sent.push(
          requests
            .map(comparable)
            .map((request) => ({ ...request, body: request.body.replace(/refresh_0[\w-]+/, "refresh token") })),
        );
      }
      assert.deepEqual(sent[1], sent[0], round);
      assert.equal(sent[0].length, 2);
    }
  });
});
