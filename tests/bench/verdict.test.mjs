// @ts-check
/** What is above its target, and that the reports say so. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { reflow } from "../../bench/markdown.mjs";
import { median, results } from "../../bench/measure.mjs";
import { missed } from "../../bench/report.mjs";

/** @param {string} id @param {object} [members] @returns {any} */
const row = (id, members) => ({ id, title: id, ...members });

/** @param {number[]} cpu */
const samples = (...cpu) => ({ cpu, rate: cpu.map((cost) => 1e6 / cost) });

/** @param {Partial<import("../../bench/report.mjs").Figures>} figures @returns {any} */
const figures = (figures) => ({
  results: results([{ row: row("cheap"), samples: { ours: samples(1), hono: samples(1) } }]),
  starts: [{ name: "ours", millis: 20, bytes: 200_000 }, { name: "hono", millis: 20, bytes: 1 }],
  grown: { threads: [], messages: [] },
  client: { node: [], chromium: null },
  ...figures,
});

test("the ratio is the median of the turns' ratios", () => {
  // A slow turn hits both: 1/2, 10/40, 3/4.
  const [result] = results([{ row: row("a"), samples: { ours: samples(1, 10, 3), hono: samples(2, 40, 4) } }]);
  assert.equal(result.ratio, 0.5);
  assert.equal(result.sides.ours.cpu, 3);
  assert.equal(median([1, 2, 3, 10]), 2.5);
});

test("a row misses its target by what is printed", () => {
  const at = (/** @type {number} */ cost) =>
    results([{ row: row("a", { target: 0.8 }), samples: { ours: samples(cost), hono: samples(100) } }])[0].verdict;
  assert.deepEqual([at(80), at(80.4), at(80.6)], ["met", "met", "missed"]);
});

test("a refusal must be no dearer than its acceptance", () => {
  const refusal = row("b", { target: 0.6, acceptance: "a" });
  const measured = (/** @type {number} */ cost) => results([
    { row: row("a"), samples: { ours: samples(100), hono: samples(100) } },
    { row: refusal, samples: { ours: samples(cost), hono: samples(1_000) } },
  ]);
  assert.equal(measured(100)[1].verdict, "met");
  assert.deepEqual(missed(figures({ results: measured(110) })), [
    "b: 0.11 of the peer, target 0.60; 1.10 of the acceptance",
  ]);
});

test("beside a refusal stands what it costs to check nothing", () => {
  const samplesOf = { ours: samples(90, 80), hono: samples(100, 100), refusing: samples(70, 80) };
  const measured = results([{ row: row("b", { target: 0.6, besides: ["refusing"] }), samples: samplesOf }]);
  assert.equal(measured[0].bound, 0.75);
  assert.deepEqual(missed(figures({ results: measured })), ["b: 0.85 of the peer, target 0.60; 0.75 without any check"]);
});

test("every bound is one that can be missed", () => {
  assert.deepEqual(missed(figures({})), []);
  const [cost] = results([{ row: row("list"), samples: { ours: samples(5_001), hono: samples(1) } }]);
  const curve = (/** @type {number} */ ratio) =>
    ({ kind: "append", sizes: [1, 2], cpu: [1, ratio], millis: [1, 1], ratio });
  const all = missed(figures({
    results: [cost],
    starts: [{ name: "ours", millis: 51, bytes: 200_001 }, { name: "hono", millis: 20, bytes: 1 }],
    grown: { threads: [curve(1.5)], messages: [curve(1.51)] },
    client: {
      node: [{ row: "new", ours: 20, official: 10, ratio: 2 }, { row: "both", ours: 20, official: 10, ratio: 2, unbounded: true }],
      chromium: [{ row: "token", ours: 2, official: 1, ratio: 2 }, { row: "list", ours: 20, official: 19, ratio: 1.05 }],
    },
  }));
  assert.deepEqual(all, [
    "list: 5,001 µs, target 5,000",
    "start: 31.0 ms later than the peer",
    "upload: 200,001 bytes, target 200,000",
    "append: 1.51 times as dear over the most data, target 1.5",
    "new in Node: 2.00 of the official client, target 1.1",
  ]);
});

test("lines are broken anew, but for tables", () => {
  const words = "word ".repeat(40).trim();
  const cells = `| ${words} |\n| --- |`;
  const text = reflow(`# Title\n\n${words}\n${words}\n\n${cells}\n\n- ${words}\n- ${words}`);
  const [title, paragraph, table, list] = text.split("\n\n");
  assert.equal(title, "# Title");
  assert.deepEqual(paragraph.split("\n").map((line) => line.length <= 120 && line.length > 100), [true, true, true, false]);
  assert.equal(table, cells);
  assert.deepEqual(list.split("\n").map((line) => line.slice(0, 3)), ["- w", "  w", "- w", "  w"]);
});
