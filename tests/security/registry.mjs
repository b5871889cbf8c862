// @ts-check
/** Cases as tests: each is named by its number, and what it saw goes into the table of the run. */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { after, it } from "node:test";

import { Worker } from "../worker/workerd.mjs";
import { awaited, cases } from "./catalog.mjs";

// A case that fails in its middle leaves its Worker running, and the file would never end.
after(() => Worker.running.forEach((worker) => worker.child?.kill("SIGKILL")));

/** @typedef {{ status: number, body?: any }} Answer */

/** What a case saw, in the words of the table. */
export class Evidence {
  /** How often each thing was seen. @type {Map<string, number>} */
  seen = new Map();

  /** @param {string} words what was seen, the same words in every run */
  note(words) {
    this.seen.set(words, (this.seen.get(words) ?? 0) + 1);
  }

  /**
   * Asserts an answer's status, and keeps the answer.
   *
   * @template {Answer} T
   * @param {T} answer
   * @param {number | number[]} statuses that it may have
   * @param {string} [about]
   * @returns {T}
   */
  answer(answer, statuses, about = "") {
    const error = answer.body?.error;
    const words = [answer.status, ...(error ? [error] : [])].join(" ");
    assert.ok([statuses].flat().includes(answer.status), `${words} instead of ${statuses} ${about}`);
    this.note(words);
    return answer;
  }

  /**
   * Asserts that what is as it should be is served: without it, a Worker that refuses everything would pass. No part of
   * the evidence.
   *
   * @template {Answer} T
   * @param {T} answer
   * @param {string} [about]
   * @returns {T}
   */
  control(answer, about = "") {
    assert.equal(answer.status, 200, `${answer.body?.error} ${about}`);
    return answer;
  }

  toString() {
    const lines = [...this.seen].sort(([one], [other]) => (one < other ? -1 : 1));
    return lines.map(([words, times]) => (times > 1 ? `${words} (${times}×)` : words)).join("; ");
  }
}

/**
 * A case's test, or one of several.
 *
 * @param {number} number
 * @param {(evidence: Evidence) => Promise<void>} body
 * @param {{ todo?: string, skip?: string | false, part?: string }} [options] `todo`: what it waits for.
 *   `skip`: why it cannot run here. `part`: which part of the case this is.
 */
export function prove(number, body, { todo = awaited.get(number), skip, part } = {}) {
  const entry = cases.get(number);
  if (!entry) throw new Error(`there is no case ${number}`);
  const name = `case ${String(number).padStart(2, "0")}: ${part ? `${entry.attack} — ${part}` : entry.attack}`;
  if (todo) {
    record({ number, part, todo });
    return it(name, { todo });
  }
  if (skip) record({ number, part, skipped: skip });
  it(name, { skip: skip || undefined }, async () => {
    const evidence = new Evidence();
    await body(evidence);
    record({ number, part, got: String(evidence) });
  });
}

/** @param {object} line for the table; `SECURITY_RECORD` names the file */
function record(line) {
  const file = process.env.SECURITY_RECORD;
  if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
