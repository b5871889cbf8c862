// @ts-check
/**
 * What one machine cannot show: `node bench/scale.mjs` computes docs/scale.md from what is assumed of users, what is
 * counted on a real database, what `npm run bench` has measured, and what Cloudflare asks for.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Problem, entry } from "../scripts/command.mjs";
import { root } from "../scripts/toolchain.mjs";
import { reflow, table } from "./markdown.mjs";
import { count } from "./meter.mjs";
import { BASE, OBJECT_GB, limits, price, rates } from "./rates.mjs";
import { Sides } from "./sides.mjs";

/** @import { Action, Cost, Counted } from "./meter.mjs" */
/** @import { Metered, Usage } from "./rates.mjs" */

const DAYS = 30;
const USERS = 1e6;
const VISITORS = 10e6;
const BOTS = 100e6;
/** How much busier the busiest second is than the average one. */
const PEAK = 4;
/** How long an object is busy with a request on Cloudflare, in milliseconds: its disk is a quorum of others. */
const OBJECT_MILLIS = 10;
/** A message's content and a run's report, in bytes. */
const CONTENT_BYTES = 3_000;
const REPORT_BYTES = 2_000;
/** One in so many messages has a picture of so many bytes. */
const PICTURE_EVERY = 50;
const PICTURE_BYTES = 500_000;

/** How often someone does what. @typedef {Partial<Record<Action, number>>} Habits */

/** Two messages, one of them written again when it is complete, a report, a batch of two events. @type {Habits} */
const turn = { append: 2, update: 1, run: 1, events: 1 };

/** @param {Habits} habits @param {number} times @returns {Habits} */
const repeated = (habits, times) =>
  Object.fromEntries(Object.entries(habits).map(([action, number]) => [action, number * times]));

/** A user's day: two visits of a quarter of an hour, with a token every 4.5 minutes. */
const TURNS = 6;
const day = { ...repeated(turn, TURNS), mint: 8, list: 4, open: 2, thread: 1, title: 1 };

/** A visitor's month: everyone looks at an empty list; one in ten writes, one in four comes back. */
const WRITING = 0.1;
const RETURNING = 0.25;
const VISITOR_TURNS = 3 * WRITING;
const visit = {
  ...repeated(turn, VISITOR_TURNS),
  begin: WRITING,
  session: RETURNING,
  anonymous: 1,
  refresh: RETURNING,
  list: 2 + 2 * RETURNING,
  thread: WRITING,
  title: WRITING,
};

/** @type {Record<Action, string>} */
const names = {
  begin: "a workspace's first thread: its tables",
  session: "a session's first renewal: its table",
  mint: "a token, through one's own backend",
  anonymous: "an anonymous identity",
  refresh: "an anonymous session renewed",
  list: "a list of threads",
  open: "a thread opened: 20 messages",
  thread: "a thread made",
  title: "a thread titled",
  append: "a message stored",
  update: "a message completed",
  run: "a run reported",
  events: "two events, in a batch",
};

/** What has been measured: µs of CPU for our answers, by row. @typedef {Record<string, number>} Cpu */

/**
 * The sum over what someone does.
 *
 * @param {Habits} habits
 * @param {Counted} counted
 * @param {(cost: Cost) => number} of
 */
function sum(habits, { costs }, of) {
  const parts = Object.entries(habits).map(([action, times]) => times * of(costs[/** @type {Action} */ (action)]));
  return parts.reduce((total, part) => total + part, 0);
}

/**
 * What people use in a month.
 *
 * @param {{ people: number, habits: Habits, turns: number, workspaces: number, sessions?: number }} crowd the habits and
 *   the turns of one of them in the month, how many workspaces are stored in the end, and how many of which there is
 *   only a session
 * @param {Counted} counted
 * @param {Cpu} cpu
 * @returns {Usage}
 */
function usage({ people, habits, turns, workspaces, sessions = 0 }, counted, cpu) {
  const all = (/** @type {(cost: Cost) => number} */ of) => people * sum(habits, counted, of);
  const pictures = (people * turns * 2) / PICTURE_EVERY;
  const objects = all((cost) => cost.objects);
  const empty = workspaces * counted.emptyBytes + sessions * counted.sessionBytes;
  const bytes = empty + people * turns * (2 * counted.messageBytes + REPORT_BYTES);
  return {
    // An upload asks for its address and is then sent; every picture is looked at twice.
    requests: all(({ row }) => (row ? 1 : 0)) + pictures * 4,
    cpu: all(({ row }) => (row ? cpu[row] / 1_000 : 0)),
    objects,
    duration: objects * (OBJECT_MILLIS / 1_000) * OBJECT_GB,
    read: all((cost) => cost.read),
    written: all((cost) => cost.written),
    stored: bytes / 1e9,
    files: (pictures * PICTURE_BYTES) / 1e9,
    classA: pictures,
    classB: pictures * 2,
  };
}

/** Three digits, and the rest as a prefix where it is large. @param {number} number */
function short(number) {
  const [size, prefix] = number >= 1e9 ? [1e9, " G"] : number >= 1e6 ? [1e6, " M"] : [1, ""];
  return Number((number / size).toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 5 }) + prefix;
}

/** @param {number} bytes */
const size = (bytes) => (bytes >= 1e9 ? `${short(bytes / 1e9)} GB` : `${short(bytes / 1e3)} KB`);

/** @param {number} amount */
const dollars = (amount) => `$${amount >= 100 ? Math.round(amount).toLocaleString("en") : amount.toFixed(2)}`;

/** @param {number} part @param {number} whole */
const percent = (part, whole) => `${Math.round((part / whole) * 100)} %`;

/** What everything costs, each with what it is. @param {Usage} used */
const priced = (used) =>
  Object.entries(used).map(([name, amount]) => {
    const metered = /** @type {Metered} */ (name);
    return { ...rates[metered], amount, price: price(metered, amount) };
  });

/** @param {Usage} used */
const total = (used) => priced(used).reduce((sum, { price }) => sum + price, BASE);

/** @param {Usage} used */
function bill(used) {
  const lines = priced(used).map(({ name, unit, amount, price }) => [name, `${short(amount)} ${unit}`, dollars(price)]);
  const last = [`with the plan's ${dollars(BASE)}`, "", `**${dollars(total(used))}**`];
  return table([["", "in a month", "price"], ...lines, last]);
}

/** @param {Habits} habits @param {Counted} counted */
function habitTable(habits, { costs }) {
  const lines = Object.entries(names).flatMap(([name, title]) => {
    const action = /** @type {Action} */ (name);
    const { objects, read, written } = costs[action];
    return habits[action] ? [[title, short(habits[action]), objects, read, written]] : [];
  });
  return table([["", "times", "object requests each", "rows read each", "rows written each"], ...lines]);
}

/** @param {Usage} used @param {Counted} counted */
function usersText(used, counted) {
  const perSecond = (/** @type {number} */ inMonth) => inMonth / (DAYS * 86_400);
  const [requests, objects] = [perSecond(used.requests), perSecond(used.objects)];
  const records = sum({ run: day.run, events: day.events }, counted, (cost) => cost.written);
  const turnBytes = 2 * counted.messageBytes + REPORT_BYTES;
  const yearly = (USERS * (counted.emptyBytes + TURNS * 365 * turnBytes)) / 1e9;
  return `## A million daily users

Each has a workspace of their own, two visits a day, ${TURNS} turns. A turn is two messages of ${size(CONTENT_BYTES)},
one of them written again when it is complete, a report and a batch of events. One message in ${PICTURE_EVERY} has a
picture of ${size(PICTURE_BYTES)}. In a day:

${habitTable(day, counted)}

${bill(used)}

That is ${dollars((total(used) / USERS) * 1_000)} for a thousand users. Requests are ${short(requests)} a second on
average and ${short(requests * PEAK)} at a peak of ${PEAK} times that; object requests ${short(objects)} and
${short(objects * PEAK)}, over a million objects. One user's object sees ${short((objects / USERS) * PEAK)} of them a
second; its limit is ${short(limits.requestsPerSecond)}.

Storage begins with ${size(counted.emptyBytes)} for a workspace of one message (tables and indexes that are mostly
empty) and grows by ${size(turnBytes)} a turn. Without \`RETENTION_DAYS\` it is ${short(yearly)} GB after a year,
${dollars(price("stored", yearly))} a month.

${percent(price("written", used.written), total(used))} of the bill is rows written, and
${percent(records, sum(day, counted, (cost) => cost.written))} of these are reports and events, because every index
entry is a row on the bill: an event writes ${counted.costs.events.written / 2} rows, a message with the move of its
thread ${counted.costs.append.written}. Who does not read them can switch the client's telemetry off.`;
}

/** @param {Usage} used @param {Counted} counted @param {number} bots what a flood of them costs */
function visitorsText(used, counted, bots) {
  return `## Ten million anonymous visitors

In a month. Every visitor gets an identity and looks at two lists; one in ${1 / RETURNING} comes back and renews the
session, one in ${1 / WRITING} has three turns. For one visitor:

${habitTable(visit, counted)}

${bill(used)}

That is ${dollars((total(used) / VISITORS) * 1e6)} for a million visitors. Ten million of them every day are ${DAYS}
times that. A session that is renewed takes ${size(counted.sessionBytes)}; only the first thread makes all tables of its
workspace, ${counted.costs.begin.written} rows and ${size(counted.emptyBytes)}.

An identity that only looks writes nothing: its token is its proof, and its object has no storage. So a flood of bots
that mint costs requests only, ${dollars(bots)} for a hundred million, and leaves nothing to clean up. The Worker's
limits by address turn most of it away with 429, which is a request on the bill like any other; what a rate limiting
rule stops in front of the Worker is not.`;
}

/** @param {Counted} counted @param {Cpu} cpu */
function limitsText(counted, cpu) {
  const writes = sum(day, counted, (cost) => (cost.written > 0 ? cost.objects : 0));
  const shared = limits.writesPerSecond / ((writes * PEAK) / 86_400);
  const turns = limits.objectBytes / (2 * counted.messageBytes + REPORT_BYTES);
  const years = turns / (TURNS * 365);
  const dearest = Math.max(...Object.values(cpu)) / 1_000;
  return `## Where the limits are

${table([
  ["what", "limit", "where that is"],
  ["requests to the Worker", "none on the paid plan", ""],
  ["number of objects, storage of all", "none", ""],
  ["requests to one object, a second", `${short(limits.requestsPerSecond)}, or ${limits.writesPerSecond} that write`,
    `a workspace that ${short(shared)} users share, each as busy as above`],
  ["storage of one object", size(limits.objectBytes),
    `${short(turns)} turns: ${short(years)} years of one user, a month of ${short(turns / (TURNS * DAYS))}`],
  ["one message", "2 MB, a row of SQLite", "more than 1 MiB of content is refused with 413"],
  ["memory of an isolate", "128 MB", "2,048 verified tokens of some 400 bytes, and what is on its way: a few dozen messages of 1 MiB that come at once are as much"],
  ["CPU of a request", "30 s", `${dearest.toFixed(1)} ms for the dearest answer`],
])}

## What fails first

1. **A workspace that everybody shares.** An object is one thread on one machine. With \`{org_id}\` as the workspace,
   some ${short(shared)} active users are what one object carries at its peak; beyond that it answers 503 with
   \`Retry-After\`. Give every user a workspace (\`{sub}\`, \`{org_id}_{sub}\`), which is the default.
2. **Distance.** An object lives where it was first asked for. Someone who moves to another continent waits for the way
   there at every list; tokens are minted and verified wherever they are.
3. **The bill of the records.** It grows with what is reported, not with what is read.
4. **Questions across workspaces.** A million databases answer no question together. Listing, counting or erasing over
   all of them is a million requests.
5. **A change of the schema** reaches an object at its next write. Nothing stops for it, and nothing tells when the last
   one has it.`;
}

/**
 * The text of docs/scale.md.
 *
 * @param {Cpu} cpu
 */
export async function scale(cpu) {
  const sides = await Sides.start("metered");
  const counted = await count(sides, CONTENT_BYTES).finally(() => sides.close());
  const used = (/** @type {Parameters<typeof usage>[0]} */ crowd) => usage(crowd, counted, cpu);
  const users = used({ people: USERS, habits: repeated(day, DAYS), turns: TURNS * DAYS, workspaces: USERS });
  const [stored, sessions] = [VISITORS * WRITING, VISITORS * RETURNING];
  const visitors = used({ people: VISITORS, habits: visit, turns: VISITOR_TURNS, workspaces: stored, sessions });
  const bots = used({ people: BOTS, habits: { anonymous: 1 }, turns: 0, workspaces: 0 });
  const text = reflow(`# Scale

What one machine cannot show, on paper. Made by \`node bench/scale.mjs\`, which \`npm run bench\` does at its end. Do not
edit. What is assumed stands in that script, the rates in [bench/rates.mjs](../bench/rates.mjs). Rows are counted on a
real database in workerd by the runtime's own meter, or follow from its tables and indexes. Sizes are those of a real
database, and CPU time is what [bench/RESULTS.md](../bench/RESULTS.md) says, all of the process's, which is more than
Cloudflare bills. Rates: Workers
Paid as published in 2026 ([Workers](https://developers.cloudflare.com/workers/platform/pricing/), [Durable
Objects](https://developers.cloudflare.com/durable-objects/platform/pricing/),
[R2](https://developers.cloudflare.com/r2/pricing/)). A model's tokens are on another bill.

${usersText(users, counted)}

${visitorsText(visitors, counted, total(bots))}

${limitsText(counted, cpu)}`);
  return `${text}\n`;
}

/** Where that text is. */
export const scalePage = join("docs", "scale.md");

/** Writes a file of the repository. @param {string} path @param {string} text */
export function writePage(path, text) {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

await entry(import.meta, async () => {
  const results = join(import.meta.dirname, "results.json");
  if (!existsSync(results)) throw new Problem("bench/results.json is missing: run `npm run bench` first");
  writePage(scalePage, await scale(JSON.parse(readFileSync(results, "utf8"))));
});
