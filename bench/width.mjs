// @ts-check
/** The throughput over more and more workspaces, each a Durable Object of its own, and the memory that one takes. */
import { readFileSync } from "node:fs";

import { run } from "./load.mjs";
import { median } from "./measure.mjs";
import { asPage, backend, message, request, workspaceToken } from "./rows.mjs";

/** @import { LoadProcess } from "./load.mjs" */
/** @import { Side, SideName, Sides } from "./sides.mjs" */

/** @typedef {{ workspaces: number[], rounds: number, requests: number }} Extent */

/** @type {Extent} */
export const whole = { workspaces: [1, 10, 100, 1_000], rounds: 3, requests: 1_000 };

/** The same in a few seconds. @type {Extent} */
export const quick = { workspaces: [1, 4], rounds: 1, requests: 16 };

/**
 * What a side does at one number of workspaces: requests per second, and µs of CPU for a list.
 *
 * @typedef {{ list: number, append: number, cpu: number }} Rates
 */

/** @typedef {{ workspaces: number, sides: Partial<Record<SideName, Rates>> }} Point */

/** In MiB, with none awake and with all. @typedef {{ before: number, after: number, workspaces: number }} Memory */

/** @typedef {{ lists: string[], appends: string[] }} Requests one of each for every workspace */

/**
 * Makes so many workspaces with a thread each.
 *
 * @param {Side} side
 * @param {number} count
 * @returns {Promise<Requests>}
 */
async function spread(side, count) {
  const names = Array.from({ length: count }, (_, index) => `wide_${index}`);
  const thread = { last_message_at: "2026-01-01T12:00:00.000Z", title: "The only thread" };
  const create = names.map((name) => request(side, "POST /v1/threads", backend(side, name), thread));
  /** @type {string[]} */
  const threads = [];
  await run({ port: side.port, requests: create, total: count, connections: 16, status: 201 }, ({ body, index }) => {
    threads[index] = JSON.parse(body.toString()).thread_id;
  });
  const tokens = names.map((name) => workspaceToken(side, name));
  const json = message("user", 1_000, { parent_id: null });
  return {
    lists: tokens.map((token) => asPage(side, "GET /v1/threads?limit=20", token)),
    appends: names.map((_, index) => asPage(side, `POST /v1/threads/${threads[index]}/messages`, tokens[index], json)),
  };
}

/** Resident memory of a side's process, in MiB. @param {Side} side */
function memory(side) {
  const status = readFileSync(`/proc/${side.worker.child?.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/**
 * Measures the sides in turn.
 *
 * @param {Sides} sides
 * @param {SideName[]} names
 * @param {LoadProcess} load
 * @param {Extent} extent
 * @returns {Promise<{ points: Point[], memory: Memory }>}
 */
export async function measureWidth(sides, names, load, { workspaces: counts, rounds, requests: total }) {
  const most = Math.max(...counts);
  /** @type {Partial<Record<SideName, Requests>>} */
  const prepared = {};
  const used = { before: 0, after: 0, workspaces: most };
  for (const name of names) {
    const side = sides.side(name);
    await side.worker.restart();
    const before = memory(side);
    prepared[name] = await spread(side, most);
    if (name === "ours") Object.assign(used, { before, after: memory(side) });
  }
  const points = [];
  for (const workspaces of counts) {
    /** @type {Record<string, { list: number[], append: number[], cpu: number[] }>} */
    const samples = Object.fromEntries(names.map((name) => [name, { list: [], append: [], cpu: [] }]));
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 ? names : names.toReversed()) {
        const { lists, appends } = /** @type {Requests} */ (prepared[name]);
        const rate = async (/** @type {string[]} */ all, /** @type {number} */ status, /** @type {number} */ total) => {
          const job = { port: sides.side(name).port, requests: all.slice(0, workspaces), connections: 16 };
          return total / (await load.run({ ...job, status, total })).seconds;
        };
        // An object that has fallen asleep is woken here and not in the measurement.
        await rate(lists, 200, workspaces);
        const before = sides.side(name).cpu();
        samples[name].list.push(await rate(lists, 200, Math.max(total, workspaces)));
        samples[name].cpu.push(((sides.side(name).cpu() - before) * 1e6) / Math.max(total, workspaces));
        samples[name].append.push(await rate(appends, 201, Math.max(total, workspaces)));
      }
    }
    const rates = names.map((name) => {
      const { list, append, cpu } = samples[name];
      return [name, { list: median(list), append: median(append), cpu: median(cpu) }];
    });
    points.push({ workspaces, sides: Object.fromEntries(rates) });
  }
  return { points, memory: used };
}
