// @ts-check
/** The figures as text: bench/RESULTS.md, a summary for the terminal, and the list of what is above its target. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packageBin } from "../scripts/toolchain.mjs";
import { MOST } from "./growth.mjs";
import { reflow, table, whole } from "./markdown.mjs";
import { MOST_BYTES, MOST_MILLIS } from "./start.mjs";

/** @import { Comparison } from "./client.mjs" */
/** @import { Curve } from "./growth.mjs" */
/** @import { Result } from "./measure.mjs" */
/** @import { Start } from "./start.mjs" */
/** @import { Memory, Point } from "./width.mjs" */

/** The most that any request may cost, in microseconds of CPU. */
const MOST_CPU = 5_000;
/** The most that a call of our client may take of the official one's, unless it is over in so many microseconds. */
const MOST_CLIENT = 1.1;
const SMALL_CALL = 10;

/** The version of an installed package. @param {string} name */
const version = (name) => JSON.parse(readFileSync(join(packageBin, "..", name, "package.json"), "utf8")).version;

/**
 * @typedef {object} Figures
 * @property {string} machine
 * @property {number} rounds
 * @property {Result[]} results
 * @property {Start[]} starts
 * @property {{ threads: Curve[], messages: Curve[] }} grown
 * @property {{ points: Point[], memory: Memory }} widened
 * @property {Comparison} client
 */

/** A ratio, marked where it is above its target. @param {number} ratio @param {number} [target] */
function judged(ratio, target) {
  const text = ratio.toFixed(2);
  return target !== undefined && Number(text) > target ? `**${text}** ✗` : text;
}

/** @param {number} [target] */
const bound = (target) => (target === undefined ? "" : `≤ ${target.toFixed(2)}`);

/** @param {Result} result */
const peerOf = ({ row, sides }) => sides[row.peer ?? "hono"];

/** @param {number} [bound] */
const unchecked = (bound) => (bound === undefined ? "" : bound.toFixed(2));

/** @param {Result[]} results */
function costs(results) {
  const lines = results.map((result) => {
    const { row, sides, ratio } = result;
    const both = [sides.ours, peerOf(result)];
    const cpu = both.map((side) => whole(side.cpu));
    const ratios = [judged(ratio, row.target), bound(row.target), unchecked(result.bound)];
    return [row.title, ...cpu, ...ratios, ...both.map((side) => whole(side.rate))];
  });
  const rates = ["ours, requests/s", "peer, requests/s"];
  return table([["", "ours, µs", "peer, µs", "ours / peer", "target", "unchecked / peer", ...rates], ...lines]);
}

/** @param {Result[]} results */
function refusals(results) {
  const lines = results
    .filter(({ row }) => row.acceptance)
    .map(({ row, sides, ofAcceptance = NaN }) => {
      const accepted = results.find(({ row: { id } }) => id === row.acceptance);
      const acceptance = `${whole(accepted?.sides.ours.cpu ?? NaN)} (${accepted?.row.title})`;
      return [row.title, whole(sides.ours.cpu), acceptance, judged(ofAcceptance, 1)];
    });
  return table([["", "ours, µs", "acceptance, µs", "ratio, at most 1"], ...lines]);
}

/** @param {Result[]} results */
function orientation(results) {
  const lines = results.flatMap(({ row, sides }) =>
    (row.besides ?? []).map((name) => [row.title, name, whole(sides[name].cpu), whole(sides[name].rate)]));
  return table([["", "who", "µs", "requests/s"], ...lines]);
}

/** @param {Start[]} starts */
function startTable(starts) {
  const lines = starts.map(({ name, millis, bytes }) => [name, millis.toFixed(1), whole(bytes)]);
  return table([["", "process start to first token, ms", "upload, bytes after gzip -9"], ...lines]);
}

/** @param {Curve[]} curves @param {string} of */
function growthTable(curves, of) {
  const head = ["µs of CPU (ms) at", ...curves[0].sizes.map((size) => `${whole(size)} ${of}`), "last / first"];
  const lines = curves.map(({ kind, cpu, millis, ratio }) => {
    const cells = cpu.map((cost, index) => `${whole(cost)} (${millis[index].toFixed(2)})`);
    return [kind, ...cells, judged(ratio, MOST)];
  });
  return table([head, ...lines]);
}

/** @param {Point[]} points */
function widthTable(points) {
  const lines = points.map(({ workspaces, sides: { ours, remembering } }) => {
    const cells = (/** @type {"list" | "cpu" | "append"} */ what) =>
      [ours, remembering].map((rates) => whole(rates?.[what] ?? NaN));
    return [whole(workspaces), ...cells("list"), ...cells("cpu"), ...cells("append")];
  });
  const head = ["lists/s", "µs for a list", "appends/s"].flatMap((what) => [`ours, ${what}`, `peer, ${what}`]);
  return table([["workspaces", ...head], ...lines]);
}

/** The rows of both places, each with where it was measured. @param {Comparison} client */
const clientRows = ({ node, chromium }) => [
  ...node.map((row) => ({ ...row, where: "Node" })),
  ...(chromium ?? []).map((row) => ({ ...row, where: "Chromium" })),
].map((row) => ({ ...row, target: row.unbounded || row.ours < SMALL_CALL ? undefined : MOST_CLIENT }));

/** @param {Comparison} client */
function clientTable(client) {
  const time = (/** @type {number} */ micros) => (micros < SMALL_CALL ? micros.toFixed(2) : whole(micros));
  const lines = clientRows(client).map(({ row, where, ours, official, ratio, target }) =>
    [row, where, time(ours), time(official), judged(ratio, target)]);
  return table([["", "where", "ours, µs", "official, µs", "ours / official"], ...lines]);
}

/** The dearest of our answers. @param {Result[]} results */
const dearest = (results) => results.reduce((most, one) => (one.sides.ours.cpu > most.sides.ours.cpu ? one : most));

/** How much later ours is there than the peer, in milliseconds. @param {Start[]} starts */
const later = ([ours, peer]) => ours.millis - peer.millis;

/** Every target that is missed, in words. @param {Figures} figures */
export function missed({ results, starts, grown, client }) {
  const most = dearest(results);
  const [{ bytes }] = starts;
  const rows = results.filter(({ verdict }) => verdict === "missed").map(({ row, ratio, bound, ofAcceptance }) => {
    const least = bound === undefined ? "" : `; ${bound.toFixed(2)} without any check`;
    const accepted = ofAcceptance === undefined ? "" : `; ${ofAcceptance.toFixed(2)} of the acceptance`;
    return `${row.title}: ${ratio.toFixed(2)} of the peer, target ${row.target?.toFixed(2)}${least}${accepted}`;
  });
  const cpu = most.sides.ours.cpu;
  if (cpu > MOST_CPU) rows.push(`${most.row.title}: ${whole(cpu)} µs, target ${whole(MOST_CPU)}`);
  if (later(starts) > MOST_MILLIS) rows.push(`start: ${later(starts).toFixed(1)} ms later than the peer`);
  if (bytes > MOST_BYTES) rows.push(`upload: ${whole(bytes)} bytes, target ${whole(MOST_BYTES)}`);
  for (const { kind, ratio } of [...grown.threads, ...grown.messages]) {
    if (ratio > MOST) rows.push(`${kind}: ${ratio.toFixed(2)} times as dear over the most data, target ${MOST}`);
  }
  for (const { row, where, ratio, target = Infinity } of clientRows(client)) {
    const text = ratio.toFixed(2);
    if (Number(text) > target) rows.push(`${row} in ${where}: ${text} of the official client, target ${target}`);
  }
  return rows;
}

/** For the terminal. @param {Result[]} results */
export function summary(results) {
  return results.map((result) => {
    const { row, sides, ratio, ofAcceptance, verdict } = result;
    const figures = Object.entries(sides).map(([name, { cpu, rate }]) => `${name} ${whole(cpu)} µs ${whole(rate)}/s`);
    const accepted = ofAcceptance === undefined ? "" : `, ${ofAcceptance.toFixed(2)} of acceptance`;
    const target = row.target === undefined ? "" : ` of ${row.target.toFixed(2)}: ${verdict}`;
    return `  ${row.id.padEnd(19)} ${ratio.toFixed(2)}${target}${accepted}\n${" ".repeat(22)}${figures.join(", ")}`;
  }).join("\n");
}

/** What README.md shows of it, between its marks. @param {Figures} figures */
export function excerpt({ results, starts: [ours, peer] }) {
  const lines = results.filter(({ row }) => row.target !== undefined).map((result) =>
    [result.row.title, whole(result.sides.ours.cpu), whole(peerOf(result).cpu), result.ratio.toFixed(2)]);
  const most = dearest(results).sides.ours.cpu / 1_000;
  return reflow(`![Cost of a request beside the peer's](bench/cost.svg)

${table([["µs of CPU", "this Worker", "Hono + jose", "ratio"], ...lines])}

The dearest answer takes ${most.toFixed(1)} ms. From the start of its process to its first token the Worker takes
${ours.millis.toFixed(0)} ms, the peer ${peer.millis.toFixed(0)} ms; its upload weighs ${whole(ours.bytes / 1_000)} KB
after gzip.`);
}

/** What has been measured, in what way. */
const method = () => `## Who is measured

- **ours**: the built Worker, as it is deployed.
- **hono**, the peer: Hono ${version("hono")} for the routes, CORS and limits, \`jose\` ${version("jose")} for the
  tokens, WebCrypto for API keys and refresh tokens, and the same Durable Object in JavaScript, asked by RPC
  ([peers/hono.mjs](peers/hono.mjs)). Before anything is measured, every row and some fifty faulty requests are asked
  of both: status, headers and body must be alike, and the tables and indexes too.
- **remembering**: the same, but it keeps verified tokens for as long as they live. It is the peer of the rows about
  storage, so that these compare storage and not signatures.
- **plain**: a fixed body, or a token signed by WebCrypto without any check: what the runtime itself costs.
- **accepting** and **refusing**, *unchecked* in the table: the headers are read that a verification needs, nothing is
  verified, and the answer is that of the others, with its headers and, where it refuses, its line in the log. No
  handler in JavaScript that does the job is cheaper ([peers/unchecked.mjs](peers/unchecked.mjs)).

Where the peer does less, it is to its advantage: it checks no checksum of an API key, and does not hash the name of a
workspace's object. It has no limit on a token's length, because \`jose\` has none. Limits by address are off on both
sides, because all of the load has one address.

## How the rows are made

- Requests come over 16 connections that stay open (4 for the list of messages), from a client on raw sockets in a
  process of its own. A page's requests carry \`Origin\`, a backend's do not.
- *Verification* asks for \`POST /v1/files/pdf-to-images\`, which is answered with 501 once the caller is known. What
  comes before and after the verification is small and the same on both sides, and nothing is subtracted. *Seen
  before*: 64 tokens in turn. *Not seen before*: every request has a token of its own, in every round.
- *Refusals* have a token of their own in every request as well, at the same route. The log is a file.
- *Provider exchange* asks for \`GET /v1/threads?limit=20\` with a provider's token that nobody has seen, and gets an
  empty page and a workspace token. The keys are at a local address and have been fetched before.
- *Anonymous refresh*: each connection presents the token that the answer before brought, so that every answer rotates.
- *Message append*: 1 KB of text below a parent; what was appended before stays.
- *Message list*: content is JSON in the database and goes into the answer as it is, on both sides.`;

/** @param {Comparison} client */
const clientText = (client) => `## The client

${clientTable(client)}

Ours beside the official one in one process, in turn; the server is a function that answers from memory. No call may
take more than ${MOST_CLIENT} times as long, unless it is over in ${SMALL_CALL} µs. What the client and its first list
take together is shown and not bounded: ours makes its WASM ready, waits for its turn among the tabs, and listens to them,
none of which the official one does.`;

/** bench/RESULTS.md. @param {Figures} figures */
export function report(figures) {
  const { machine, rounds, results, starts, grown, widened, client } = figures;
  const most = dearest(results);
  const { memory } = widened;
  const each = ((memory.after - memory.before) * 1_024) / memory.workspaces;
  const above = missed(figures).map((line) => `- ${line}`);
  const optional = (/** @type {boolean} */ isThere, /** @type {string} */ text) => (isThere ? `${text}\n\n` : "");
  const text = reflow(`# Results

Made by \`npm run bench\` on ${machine}. Do not edit.

${above.length === 0 ? "Every target is met." : `Above their targets, marked ✗ below:\n\n${above.join("\n")}`}

## What a request costs

![Cost of a request beside the peer's](cost.svg)

${costs(results)}

Each figure is the median of ${rounds} rounds of five turns; the ratio is the median of the turns' ratios. In a turn a
row is measured on one side after the other, and whoever was first is last in the next. Microseconds are CPU time of the workerd process, all
threads, from the kernel's own accounting of it. Rates are of the whole machine, with the client on it.

The dearest answer of ours is "${most.row.title}", ${whole(most.sides.ours.cpu)} µs; the bound is ${whole(MOST_CPU)} µs.

### Refusals beside acceptance

${refusals(results)}

### For orientation

${orientation(results)}

${method()}

## Start and size

${startTable(starts)}

Medians of starts in turn. Ours takes ${later(starts).toFixed(1)} ms more, at most ${MOST_MILLIS} may it be; its upload
may weigh ${whole(MOST_BYTES)} bytes.

${optional(client.node.length > 0, clientText(client))}\
## Growth

### The number of workspaces

![Throughput over the number of workspaces](width.svg)

${widthTable(widened.points)}

All of it on one machine, which is what bounds it. Each workspace is an object with a database of its own; on
Cloudflare they spread over machines. Resident memory of workerd: ${memory.before.toFixed(0)} MiB at its start,
${memory.after.toFixed(0)} MiB with ${whole(memory.workspaces)} workspaces awake, ${each.toFixed(0)} KiB for each.

### The data behind a request

![Cost of a request over the data behind it](growth.svg)

${growthTable(grown.threads, "threads")}

${growthTable(grown.messages, "messages")}

Over the most data nothing may cost more than ${MOST} times what it costs over the least. A page has as many rows at
every size. What a size has before was written into the object's SQLite file directly. [docs/scale.md](../docs/scale.md)
computes what one machine cannot show.`);
  return `${text}\n`;
}
