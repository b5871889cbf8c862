// @ts-check
/**
 * kill -9 at random moments, while several writers change threads and messages. Each writer has threads of its own and
 * knows what was acknowledged, so that after each cut there are two states at most: with the write that was on its way,
 * and without it. 200 cuts take about a minute; for fewer of them, or more: `DURABILITY=40 node --test …`.
 */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { append, ask, backend, createThread, listMessages } from "./exchange.mjs";
import { run } from "./storage.mjs";
import { startWorker } from "./workerd.mjs";

/** @import { Worker } from "./workerd.mjs" */

const CUTS = Number(process.env.DURABILITY ?? 200);
const WRITERS = 6;
/** The most threads of a writer, and the most messages of a thread. */
const [THREADS, MESSAGES] = [4, 12];
/** The longest time from the start of the writers to the cut, in milliseconds. */
const LONGEST = 120;

/** @typedef {{ title: string, messages: Map<string, { parent: string | null, text: string }> }} Thread */

/** @type {Worker} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.close());

/** @template Item @param {readonly Item[]} items @returns {Item} */
const pick = (items) => items[Math.floor(Math.random() * items.length)];

/** @param {string} text */
const content = (text) => ({ role: "user", text });

/** A thread as it is there, undefined where it is not. @param {Record<string, string>} headers @param {string} id */
async function read(headers, id) {
  const answer = await ask(worker, `GET /v1/threads/${id}`, { headers });
  const list = await listMessages(worker, headers, id);
  if (answer.status === 404) {
    assert.deepEqual(list, [], "a thread that is gone has no messages");
    return undefined;
  }
  assert.equal(answer.status, 200, answer.text);
  const rows = list.map(({ id, parent_id, content }) => [id, { parent: parent_id, text: content.text }]);
  return { title: answer.body.thread.title, messages: new Map(/** @type {any} */ (rows)) };
}

class Writer {
  /** What was acknowledged. @type {Map<string, Thread>} */
  threads = new Map();
  /** What was acknowledged to be gone. @type {Set<string>} */
  gone = new Set();
  /**
   * The write on its way: its thread, and what becomes of it.
   *
   * @type {{ id?: string, then?: Thread | null } | undefined}
   */
  pending;
  writes = 0;

  /** @param {Record<string, string>} headers @param {string} name */
  constructor(headers, name) {
    this.headers = headers;
    this.name = name;
  }

  /** Writes until the power is cut. */
  async work() {
    try {
      for (;;) await this.write();
    } catch (error) {
      // A refused connection is the cut; a wrong answer is none.
      if (error instanceof assert.AssertionError) throw error;
    }
  }

  async write() {
    this.writes += 1;
    const text = `${this.name} ${this.writes}`;
    const [id, thread] = pick([...this.threads]) ?? [];
    if (!id || !thread || (this.threads.size < THREADS && Math.random() < 0.1)) {
      this.pending = {};
      const made = await createThread(worker, this.headers, { title: text });
      this.threads.set(made, { title: text, messages: new Map() });
    } else {
      const then = { title: thread.title, messages: new Map(thread.messages) };
      const [message, old] = pick([...then.messages]) ?? [];
      const dice = Math.random();
      const full = then.messages.size >= MESSAGES;
      if (dice < 0.03) {
        await this.change(id, null, `DELETE /v1/threads/${id}`);
      } else if (dice < 0.15) {
        then.title = text;
        await this.change(id, then, `PUT /v1/threads/${id}`, { title: text });
      } else if (message && old && (full || dice < 0.3)) {
        then.messages.delete(message);
        for (const [child, value] of then.messages) {
          if (value.parent === message) then.messages.set(child, { ...value, parent: old.parent });
        }
        await this.change(id, then, `DELETE /v1/threads/${id}/messages`, { message_ids: [message] });
      } else if (message && old && dice < 0.5) {
        then.messages.set(message, { ...old, text });
        await this.change(id, then, `PUT /v1/threads/${id}/messages/${message}`, { content: content(text) });
      } else {
        const value = { parent: message ?? null, text };
        then.messages.set("new", value);
        this.pending = { id, then };
        const made = await append(worker, this.headers, id, { parent_id: value.parent, content: content(text) });
        thread.messages.set(made, value);
      }
    }
    this.pending = undefined;
  }

  /** @param {string} id @param {Thread | null} then @param {string} line @param {unknown} [json] */
  async change(id, then, line, json) {
    this.pending = { id, then };
    const answer = await ask(worker, line, { headers: this.headers, json });
    assert.equal(answer.status, 200, `${line}: ${answer.text}`);
    if (then) this.threads.set(id, then);
    else {
      this.threads.delete(id);
      this.gone.add(id);
    }
  }

  /** Asserts that all is there that was acknowledged, and goes on from what is there. */
  async check() {
    for (const [id, thread] of this.threads) {
      const found = await read(this.headers, id);
      if (this.pending?.id !== id || same(found, thread)) {
        assert.deepEqual(found, thread, `${this.name}: what was acknowledged is there`);
        continue;
      }
      const { then } = this.pending;
      if (!then || !found) {
        assert.deepEqual(found ?? null, then, `${this.name}: it is removed, or it is not`);
        this.threads.delete(id);
        continue;
      }
      // The id of a message whose answer was lost is not known yet.
      const news = [...found.messages.keys()].find((key) => !then.messages.has(key));
      const added = then.messages.get("new");
      if (added && news) {
        then.messages.delete("new");
        then.messages.set(news, added);
      }
      assert.ok(same(found, then), `${this.name}: half a write is none`);
      this.threads.set(id, found);
    }
    for (const id of this.gone) assert.equal(await read(this.headers, id), undefined, "what was removed stays so");
    this.gone.clear();
    this.pending = undefined;
  }
}

/** @param {Thread | undefined} one @param {Thread | undefined} other */
function same(one, other) {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

/** What no row may be, whatever was cut off. */
const flaws = [
  "SELECT id FROM messages WHERE thread_id NOT IN (SELECT id FROM threads)",
  `SELECT id FROM messages AS child WHERE parent_id IS NOT NULL AND NOT EXISTS
     (SELECT 1 FROM messages WHERE id = child.parent_id AND thread_id = child.thread_id)`,
  `SELECT child.id FROM messages AS child JOIN messages AS parent ON parent.id = child.parent_id
     WHERE child.height <= parent.height`,
];

it(`every acknowledged write outlives ${CUTS} power cuts at random moments`, async () => {
  const headers = backend(worker, "workspace_1");
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(headers, `Writer ${index}`));
  await Promise.all(writers.map((writer) => writer.write()));
  let midway = 0;
  for (let cut = 0; cut < CUTS; cut++) {
    const work = Promise.all(writers.map((writer) => writer.work()));
    await wait(Math.random() * LONGEST);
    await worker.kill();
    await work;
    midway += writers.filter(({ pending }) => pending).length;
    for (const flaw of flaws) assert.deepEqual(run(worker, flaw), [], flaw);
    await worker.start();
    await Promise.all(writers.map((writer) => writer.check()));
  }
  const writes = writers.reduce((sum, writer) => sum + writer.writes, 0);
  assert.ok(writes > CUTS * WRITERS, `${writes} writes, at least one by each writer before each cut`);
  assert.ok(midway > CUTS, `${midway} writes were on their way when the power was cut`);
});
