// @ts-check
/** Engagement events beside the official client: contract 1.6, 20, and 3.8. */
import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { OfficialCloud, OurCloud, seen } from "./both.mjs";
import { events, pass, stage, track } from "./event-stage.mjs";
import { baseUrl } from "./world.mjs";

/** @typedef {ReturnType<typeof stage>} Stage */

/**
 * Plays a scene with both clients, and compares every request and when it was made.
 *
 * @param {(stage: Stage) => Promise<void>} scene
 * @param {Parameters<typeof stage>[0]} [options]
 */
async function same(scene, options) {
  const results = [];
  for (const Cloud of [OfficialCloud, OurCloud]) {
    const set = stage({ ...options, Cloud });
    await scene(set);
    results.push({ requests: seen(set.fetch), times: set.times, listeners: set.page.listeners() });
    mock.restoreAll();
  }
  assert.deepEqual(results[1], results[0]);
}

describe("beside the official client, events", () => {
  test("go out at once when there are 20, in a request that outlives the page", () =>
    same(async ({ cloud, batches, fetch }) => {
      track(cloud, 20);
      await pass();
      assert.deepEqual(batches(), [events(20)]);
      const [url, init] = fetch.mock.calls[0]?.arguments ?? [];
      assert.deepEqual([String(url), init.method, init.keepalive], [`${baseUrl}/v1/events`, "POST", true]);
    }));

  test("wait 2 s for others when there are fewer", () =>
    same(async ({ cloud, batches, times }) => {
      track(cloud, 1);
      await pass(1_000);
      track(cloud, 18, 1);
      await pass(999);
      assert.deepEqual(batches(), []);
      await pass(1);
      assert.deepEqual([batches(), times], [[events(19)], [2_000]]);
      track(cloud, 1, 19);
      await pass(1_999);
      assert.equal(times.length, 1);
      await pass(1);
      assert.deepEqual(times, [2_000, 4_000]);
    }));

  test("never make a batch of more than 50, and wait for the one before", () =>
    same(async ({ cloud, sizes, hold }) => {
      const release = hold();
      track(cloud, 101);
      await pass(10_000);
      assert.deepEqual(sizes(), [20]);
      release();
      await pass();
      assert.deepEqual(sizes(), [20, 50, 31]);
      await pass(10_000);
      assert.equal(sizes().length, 3);
    }));

  for (const how of /** @type {const} */ (["hide", "leave"])) {
    test(`go out when the page is ${how === "hide" ? "hidden" : "left"}, and not when it is seen`, () =>
      same(async ({ cloud, page, batches }) => {
        track(cloud, 3);
        page.show();
        await pass();
        assert.deepEqual(batches(), []);
        page[how]();
        await pass();
        assert.deepEqual(batches(), [events(3)]);
        await pass(5_000);
        assert.equal(batches().length, 1);
      }));
  }

  test("go out when the client is disposed of, which can be used again", () =>
    same(async ({ cloud, page, batches }) => {
      track(cloud, 2);
      cloud.events.dispose();
      assert.equal(page.listeners(), 0);
      await pass();
      track(cloud, 1, 2);
      assert.equal(page.listeners(), 2);
      await pass(2_000);
      assert.deepEqual(batches(), [events(2), events(1, 2)]);
    }));

  test("let go of the page at once when the client is disposed of, even with a request under way", () =>
    same(async ({ cloud, page, hold }) => {
      hold();
      track(cloud, 1);
      await pass(2_000);
      cloud.events.dispose();
      assert.equal(page.listeners(), 0);
    }));

  test("listen to the page only while there are any", () =>
    same(async ({ cloud, page }) => {
      assert.equal(page.listeners(), 0);
      track(cloud, 2);
      assert.equal(page.listeners(), 2);
      await pass(2_000);
      assert.equal(page.listeners(), 0);
    }));

  test("need no page", () =>
    same(async ({ cloud, batches }) => {
      Reflect.deleteProperty(globalThis, "window");
      Reflect.deleteProperty(globalThis, "document");
      track(cloud, 1);
      await pass(2_000);
      cloud.events.dispose();
      assert.deepEqual(batches(), [events(1)]);
    }));

  for (const telemetry of [false, { enabled: false }, { events: false }]) {
    test(`are not sent with telemetry ${JSON.stringify(telemetry)}`, () =>
      same(async ({ cloud, page, batches }) => {
        track(cloud, 30);
        page.hide();
        cloud.events.dispose();
        await pass(10_000);
        assert.deepEqual(batches(), []);
      }, { config: { telemetry } }));
  }

  test("follow the telemetry settings as they change", () =>
    same(async ({ cloud, page, batches }) => {
      track(cloud, 5);
      cloud.telemetry.enabled = false;
      track(cloud, 1, 5);
      await pass(2_000);
      assert.deepEqual([batches(), page.listeners()], [[], 0]);
      // What waited is dropped, not kept for later; and nothing is noted meanwhile.
      track(cloud, 1, 6);
      cloud.telemetry.enabled = true;
      track(cloud, 1, 7);
      await pass(2_000);
      assert.deepEqual(batches(), [events(1, 7)]);
      track(cloud, 1, 8);
      cloud.telemetry.events = false;
      page.hide();
      cloud.telemetry.events = true;
      track(cloud, 1, 9);
      await pass(2_000);
      assert.deepEqual(batches(), [events(1, 7), events(1, 9)]);
    }));

  test("that wait for a request are dropped when telemetry ends meanwhile", () =>
    same(async ({ cloud, sizes, hold }) => {
      const release = hold();
      track(cloud, 51);
      await pass();
      cloud.telemetry.enabled = false;
      release();
      await pass(10_000);
      assert.deepEqual(sizes(), [20]);
    }));

  const long = "x".repeat(49);
  /** What is tracked, and what is sent. @type {[any, any][]} */
  const trimmed = [
    [{ kind: "message_sent" }, {}],
    [{ kind: "thread_switched", thread_id: "t", message_id: "m", run_id: "r" }, { thread_id: "t", message_id: "m", run_id: "r" }],
    [{ thread_id: long.slice(1), message_id: long, run_id: "" }, { thread_id: long.slice(1) }],
    [{ thread_id: undefined, message_id: null, surprise: 1 }, {}],
    ...[0, 7, 2 ** 31 - 1].map((value) => [{ value }, { value }]),
    ...[-1, 0.5, NaN, Infinity, "1", null].map((value) => [{ value }, {}]),
    ...[{}, { a: "", b: 0, c: -1.5, d: false }, { a: "x".repeat(256) }].map((props) => [{ props }, { props }]),
    ...[NaN, Infinity, -Infinity, "x".repeat(257), null, undefined, {}, [], () => {}].map((bad) => [{ props: { good: 1, bad } }, {}]),
    // 1024 and 1025 bytes as JSON; the characters are fewer.
    ...["x", "xx"].map((more) => {
      const props = { a: "ü".repeat(256), b: `${"ü".repeat(248)}${more}` };
      return [{ props }, more === "x" ? { props } : {}];
    }),
  ].map((/** @type {any[]} */ [given, sent]) => [{ kind: "error_shown", ...given }, { kind: given.kind ?? "error_shown", ...sent }]);
  test("lose what the server would not take", () =>
    same(async ({ cloud, batches }) => {
      for (const [given] of trimmed) cloud.events.track(given);
      await pass(2_000);
      assert.deepEqual(batches().flat(), trimmed.map(([, sent]) => sent));
    }));

  test("are those of the moment they were tracked at", () =>
    same(async ({ cloud, batches }) => {
      const given = { kind: /** @type {const} */ ("message_sent"), thread_id: "t", props: { a: 1 } };
      cloud.events.track(given);
      given.thread_id = "later";
      given.props.a = 2;
      await pass(2_000);
      assert.deepEqual(batches(), [[{ kind: "message_sent", thread_id: "t", props: { a: 1 } }]]);
    }));
});
