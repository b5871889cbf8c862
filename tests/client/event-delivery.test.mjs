// @ts-check
/** How engagement events get through, or are let go of, where the official 0.2.2 loses or mixes them: contract 1.9, 3.9. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { accepted, events, pass, stage, track } from "./event-stage.mjs";
import { answer, deferred, jwt, settle } from "./world.mjs";

/** @import { AssistantCloudEvent } from "assistant-cloud" */

const offline = () => new TypeError("fetch failed");

describe("events", () => {
  test("lose what would cost the whole batch: too large a number, a key that is none", async () => {
    const { cloud, batches } = stage();
    const bad = [{ value: 2 ** 31 }, { props: { "": 1 } }, { props: { ["k".repeat(65)]: 1 } }];
    for (const part of bad) cloud.events.track({ kind: "message_sent", ...part });
    cloud.events.track({ kind: "message_sent", props: { ["k".repeat(64)]: 1 } });
    await pass(2_000);
    assert.deepEqual(batches(), [[...bad.map(() => ({ kind: "message_sent" })), { kind: "message_sent", props: { ["k".repeat(64)]: 1 } }]]);
  });

  for (const [name, failure] of /** @type {[string, () => unknown][]} */ ([
    ["no answer", offline], ["status 500", () => answer("", { status: 500 })], ["status 429", () => answer({ error: "rate_limited" }, { status: 429 })],
  ])) {
    test(`are sent again after 250 and 1000 ms, for ${name}`, async () => {
      const { cloud, batches, times } = stage({ answers: [failure, failure, failure, accepted] });
      track(cloud, 20);
      await pass();
      track(cloud, 1, 20);
      for (const ms of [249, 1, 999, 1]) await pass(ms);
      assert.deepEqual(times, [0, 250, 1_250, 1_250]);
      assert.deepEqual(batches(), [events(20), events(20), events(20), events(1, 20)]);
      await pass(60_000);
      assert.equal(times.length, 4, "then given up");
    });
  }

  test("are sent again after the timer too, and no more once the server has them", async () => {
    const { cloud, times, page } = stage({ answers: [offline, accepted] });
    track(cloud, 1);
    for (const ms of [2_000, 250, 10_000]) await pass(ms);
    assert.deepEqual([times, page.listeners()], [[2_000, 2_250], 0]);
  });

  for (const status of [400, 401, 403, 404]) {
    test(`are not sent again when refused with ${status}`, async () => {
      const { cloud, times } = stage({ answers: [() => answer({ error: "no" }, { status })] });
      track(cloud, 20);
      for (const ms of [0, 250, 1_000, 10_000]) await pass(ms);
      assert.deepEqual(times, [0]);
    });
  }

  test("are not sent again when telemetry ends meanwhile", async () => {
    const { cloud, times } = stage({ answers: [offline] });
    track(cloud, 21);
    await pass();
    cloud.telemetry.enabled = false;
    for (const ms of [250, 1_000, 10_000]) await pass(ms);
    assert.deepEqual(times, [0]);
  });

  for (const how of /** @type {const} */ (["hide", "leave"])) {
    test(`go out with those that wait for another attempt when the page is ${how === "hide" ? "hidden" : "left"}, once`, async () => {
      const { cloud, page, times, batches } = stage({ answers: [offline] });
      track(cloud, 20);
      await pass();
      await pass(100);
      track(cloud, 2, 20);
      page[how]();
      await settle();
      assert.deepEqual(batches().slice(1), [events(20), events(2, 20)]);
      for (const ms of [250, 1_000, 10_000]) await pass(ms);
      assert.deepEqual([times, page.listeners()], [[0, 100, 100], 0]);
    });
  }

  test("go out when the page is left while another request is under way", async () => {
    const { cloud, page, sizes, hold } = stage();
    hold();
    track(cloud, 72);
    await pass();
    page.leave();
    await settle();
    assert.deepEqual(sizes(), [20, 50, 2]);
  });

  test("are not sent again when the client is disposed of", async () => {
    const { cloud, times } = stage({ answers: [offline] });
    track(cloud, 1);
    cloud.events.dispose();
    for (const ms of [0, 250, 1_000, 10_000]) await pass(ms);
    assert.deepEqual(times, [0]);
  });

  /**
   * What happens between an event of alice's and one of bob's; and who then sends which.
   *
   * @type {[string, (world: { cloud: any, be: (user: string) => void, fail: () => void, wait: () => () => void }) => Promise<void>, string[]][]}
   */
  const changes = [
    ["invalidated", async ({ cloud, be }) => {
      track(cloud, 1);
      be("bob");
      cloud.auth.invalidate();
    }, ["bob thread-50"]],
    ["another's token", async ({ cloud, be }) => {
      track(cloud, 1);
      be("bob");
      await pass(2_000);
    }, ["bob thread-50"]],
    ["signed out", async ({ cloud, be }) => {
      track(cloud, 1);
      be("");
      await pass(2_000);
      be("bob");
    }, ["bob thread-50"]],
    ["invalidated while a token is fetched", async ({ cloud, be, wait }) => {
      const release = wait();
      await pass(1_000);
      track(cloud, 20);
      await pass();
      be("bob");
      cloud.auth.invalidate();
      release();
    }, ["bob thread-50"]],
    ["invalidated between two attempts", async ({ cloud, be, fail }) => {
      fail();
      track(cloud, 20);
      await pass();
      be("bob");
      cloud.auth.invalidate();
      await pass(250);
    }, ["alice thread-0", "bob thread-50"]],
  ];
  for (const [name, change, expected] of changes) {
    test(`of a user are never sent for the next one: ${name}`, async () => {
      let user = "alice";
      /** @type {Promise<void> | undefined} */
      let waiting;
      // For one second, so that the batch needs another one.
      const authToken = async () => (await waiting, user && jwt({ sub: user, exp: Date.now() / 1_000 + 1 }));
      let failing = false;
      const { cloud, fetch } = stage({ config: { apiKey: undefined, authToken }, answers: [() => (failing ? offline() : answer({ threads: [] }))] });
      await cloud.threads.list();
      fetch.mock.resetCalls();
      await change({
        cloud,
        be: (next) => void (user = next),
        fail: () => void (failing = true),
        wait: () => {
          const { promise, resolve } = deferred();
          waiting = promise;
          return resolve;
        },
      });
      failing = false;
      await pass();
      track(cloud, 1, 50);
      for (const ms of [250, 1_000, 2_000, 10_000]) await pass(ms);
      const sent = fetch.mock.calls.map(({ arguments: [, { headers, body }] }) => {
        const { sub } = JSON.parse(Buffer.from(headers.Authorization.split(".")[1], "base64url").toString());
        return JSON.parse(body).events.map((/** @type {AssistantCloudEvent} */ { thread_id }) => `${sub} ${thread_id}`);
      });
      assert.deepEqual(sent.map(([first]) => first), expected);
      assert.equal(sent.at(-1)?.length, 1);
    });
  }

  test("of a user who is gone ask nobody for a token", async () => {
    const authToken = mock.fn(() => deferred().promise);
    const { cloud } = stage({ config: { apiKey: undefined, authToken } });
    track(cloud, 20);
    await pass();
    /** @type {any} */ (cloud.auth).invalidate();
    for (const ms of [0, 250, 1_000, 10_000]) await pass(ms);
    assert.equal(authToken.mock.callCount(), 1);
  });

  test("ask for a token only once when nobody is signed in", async () => {
    const authToken = mock.fn(async () => null);
    const { cloud, times } = stage({ config: { apiKey: undefined, authToken } });
    track(cloud, 20);
    for (const ms of [0, 250, 1_000, 10_000]) await pass(ms);
    assert.deepEqual([times, authToken.mock.callCount()], [[], 1]);
  });
});
