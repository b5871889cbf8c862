// @ts-check
/**
 * What one machine cannot show: `node bench/scale.mjs` computes docs/scale.md from what is assumed of users, what is
 * counted on a real database, what `npm run bench` has measured, and what Cloudflare asks for.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { Problem, entry } from "../scripts/command.mjs";
import { root } from "../scripts/toolchain.mjs";
import { count } from "./meter.mjs";
import { BASE, OBJECT_GB, limits, price, rates } from "./rates.mjs";
import { Sides } from "./sides.mjs";

/** @import { Action, Cost, Counted } from "./meter.mjs" */
/** @import { Metered, Usage } from "./rates.mjs" */

const DAYS = 30;
const USERS = 1e6;
const VISITORS = 10e6;
/** How much busier the busiest second is than the average one. */
const PEAK = 4;
/** How long an object is busy with a request on Cloudflare, in milliseconds: the disk is a quorum of others. */
const OBJECT_MILLIS = 10;
/** A message's content and a run's report, in bytes. */
const CONTENT_BYTES = 3_000;
const REPORT_BYTES = 2_000;
/** Of messages, and how large the picture is that one in so many has. */
const PICTURE_EVERY = 50;
const PICTURE_BYTES = 500_000;

/** What people do. @typedef {Record<Action, number>} Habits how often */

/** What a turn is: two messages, one of them written again when it is complete, a report, a batch of two events. */
const turn = { append: 2, update: 1, run: 1, events: 1 };

/** @param {number} turns @param {Partial<Habits>} rest @returns {Habits} */
const habits = (turns, rest) => ({
  ...{ begin: 0, mint: 0, anonymous: 0, refresh: 0, list: 0, open: 0, thread: 0, title: 0, append: 0, update: 0, run: 0, events: 0 },
  ...Object.fromEntries(Object.entries(turn).map(([action, times]) => [action, times * turns])),
  ...rest,
});

/** A user's day: two visits of a quarter of an hour, with a token every 4.5 minutes. */
const user = { turns: 6, habits: habits(6, { mint: 8, list: 4, open: 2, thread: 1, title: 1 }) };
/** A visitor's month: everyone looks at an empty list once; one in ten writes, one in four comes back. */
const writers = 0.1;
const returning = 0.25;
const visitor = {
  turns: 3 * writers,
  habits: habits(3 * writers, { begin: writers + returning, anonymous: 1, list: 2 + 2 * returning, refresh: returning, thread: writers, title: writers }),
};

/**
 * What so many people use in a month.
 *
 * @param {Habits} habits of one, in the month
 * @param {number} people
 * @param {number} turns of one, in the month
 * @param {number} workspaces that are stored
 * @param {Counted} counted
 * @param {Record<string, number>} cpu µs by row of the results
 * @returns {Usage}
 */
function usage(habits, people, turns, workspaces, { costs, emptyBytes, messageBytes }, cpu) {
  const sum = (/** @type {(cost: Cost) => number} */ of) =>
    people * Object.entries(habits).reduce((total, [action, times]) => total + times * of(costs[/** @type {Action} */ (action)]), 0);
  const pictures = (people * turns * 2) / PICTURE_EVERY;
  const objects = sum((cost) => cost.objects);
  const bytes = workspaces * emptyBytes + people * turns * (2 * messageBytes + REPORT_BYTES);
  return {
    // An upload asks for its address and is then sent; every picture is looked at twice.
    requests: sum(({ row }) => (row ? 1 : 0)) + pictures * 4,
    cpu: sum(({ row }) => (row ? cpu[row] / 1_000 : 0)),
    objects,
    duration: objects * (OBJECT_MILLIS / 1_000) * OBJECT_GB,
    read: sum((cost) => cost.read),
    written: sum((cost) => cost.written),
    stored: bytes / 1e9,
    files: (pictures * PICTURE_BYTES) / 1e9,
    classA: pictures,
    classB: pictures * 2,
  };
}

/** Three digits, and the rest as a prefix where it is large. @param {number} number */
function short(number) {
  const [size, prefix] = [[1e9, " G"], [1e6, " M"]].find(([size]) => number >= Number(size)) ?? [1, ""];
  return Number((number / Number(size)).toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 5 }) + prefix;
}

/** @param {number} bytes */
const size = (bytes) => (bytes >= 1e9 ? `${short(bytes / 1e9)} GB` : `${short(bytes / 1e3)} KB`);

const dollars = (/** @type {number} */ amount) => `$${amount >= 100 ? Math.round(amount).toLocaleString("en") : amount.toFixed(2)}`;

/** @param {Usage} used */
const total = (used) => BASE + Object.entries(used).reduce((sum, [metered, amount]) => sum + price(/** @type {Metered} */ (metered), amount), 0);

/** @param {Usage} used */
function bill(used) {
  const lines = Object.entries(used).map(([metered, amount]) => {
    const { name, unit } = rates[/** @type {Metered} */ (metered)];
    return `| ${name} | ${short(amount)} ${unit} | ${dollars(price(/** @type {Metered} */ (metered), amount))} |`;
  });
  return `| | in a month | price |\n| --- | ---: | ---: |\n${lines.join("\n")}\n| with the plan's ${dollars(BASE)} | | **${dollars(total(used))}** |`;
}

/** @param {Habits} habits @param {Record<Action, Cost>} costs */
function habitTable(habits, costs) {
  const lines = Object.entries(habits).filter(([, times]) => times > 0).map(([action, times]) => {
    const { objects, read, written } = costs[/** @type {Action} */ (action)];
    return `| ${names[/** @type {Action} */ (action)]} | ${short(times)} | ${objects} | ${read} | ${written} |`;
  });
  return `| | times | object requests each | rows read each | rows written each |\n| --- | ---: | ---: | ---: | ---: |\n${lines.join("\n")}`;
}

/** @type {Record<Action, string>} */
const names = {
  begin: "a workspace's first write: its tables",
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

/** @param {Counted} counted @param {Record<string, number>} cpu */
function document(counted, cpu) {
  const month = Object.fromEntries(Object.entries(user.habits).map(([action, times]) => [action, times * DAYS]));
  const users = usage(/** @type {Habits} */ (month), USERS, user.turns * DAYS, USERS, counted, cpu);
  const visitors = usage(visitor.habits, VISITORS, visitor.turns, VISITORS * (writers + returning), counted, cpu);
  const perSecond = (/** @type {number} */ inMonth) => inMonth / (DAYS * 86_400);
  const writes = user.turns * Object.values(turn).reduce((sum, times) => sum + times, 0) + user.habits.thread + user.habits.title;
  const shared = limits.writesPerSecond / ((writes * PEAK) / 86_400);
  const turnBytes = 2 * counted.messageBytes + REPORT_BYTES;
  const yearly = users.stored + 11 * (users.stored - (USERS * counted.emptyBytes) / 1e9);
  const recordRows = user.habits.run * counted.costs.run.written + user.habits.events * counted.costs.events.written;
  const allRows = Object.entries(user.habits).reduce((sum, [action, times]) => sum + times * counted.costs[/** @type {Action} */ (action)].written, 0);
  const bots = usage(habits(0, { anonymous: 1 }), 100e6, 0, 0, counted, cpu);
  return `# Scale

What one machine cannot show, on paper. Made by \`node bench/scale.mjs\`, which \`npm run bench\` runs at its end: what is
assumed stands in that script, the rates in [bench/rates.mjs](../bench/rates.mjs). Rows are counted on a real database in workerd by
the runtime's own meter, sizes are those of a real database, and CPU time is what [bench/RESULTS.md](../bench/RESULTS.md) says, all
of the process's, which is more than Cloudflare bills. Rates: Workers Paid as published in 2026
([Workers](https://developers.cloudflare.com/workers/platform/pricing/),
[Durable Objects](https://developers.cloudflare.com/durable-objects/platform/pricing/),
[R2](https://developers.cloudflare.com/r2/pricing/)). A model's tokens are on nobody's bill here.

## A million daily users

Each has a workspace of their own, two visits a day, ${user.turns} turns. A turn is two messages of ${CONTENT_BYTES / 1_000} KB, one of them written again when it is
complete, a report and a batch of events. One message in ${PICTURE_EVERY} has a picture of ${PICTURE_BYTES / 1_000} KB. In a day:

${habitTable(user.habits, counted.costs)}

${bill(users)}

That is ${dollars((total(users) / USERS) * 1_000)} for a thousand users. Requests are ${short(perSecond(users.requests))} a second on average and
${short(perSecond(users.requests) * PEAK)} at a peak of ${PEAK} times that; object requests ${short(perSecond(users.objects))} and ${short(perSecond(users.objects) * PEAK)}, over a million objects. One user's object sees
${short((perSecond(users.objects) / USERS) * PEAK)} of them a second; its limit is ${short(limits.requestsPerSecond)}.

Storage begins with ${size(counted.emptyBytes)} for a workspace of one message (tables and indexes that are mostly empty) and grows by
${size(turnBytes)} a turn. Without \`RETENTION_DAYS\` it is ${short(yearly)} GB after a year, ${dollars(price("stored", yearly))} a month.

${Math.round((recordRows / allRows) * 100)} % of the rows written are reports and events, because every index entry is a row on the bill: an event
writes ${counted.costs.events.written / 2} rows, a message with the move of its thread ${counted.costs.append.written}. Who does not read them can switch the client's telemetry off.

## Ten million anonymous visitors

In a month. Every visitor gets an identity and looks at two lists; one in ${1 / returning} comes back and renews the session, one in ${1 / writers}
has three turns. For one visitor:

${habitTable(visitor.habits, counted.costs)}

${bill(visitors)}

That is ${dollars((total(visitors) / VISITORS) * 1e6)} for a million visitors. Ten million of them every day are ${DAYS} times that.

Most of it is for workspaces with hardly anything in them: the first write of a workspace, be it the renewal of its
session, makes all its tables, ${counted.costs.begin.written} rows and ${size(counted.emptyBytes)}.

An identity that only looks writes nothing: its token is its proof, and its object has no storage. So a flood of bots that
mint costs requests only, ${dollars(total(bots))} for a hundred million, and leaves nothing to clean up. Limit it by address before it
reaches the Worker.

## Where the limits are

| what | limit | where that is |
| --- | --- | --- |
| requests to the Worker | none on the paid plan | |
| number of objects, storage of all | none | |
| requests to one object | ${short(limits.requestsPerSecond)} a second, ${limits.writesPerSecond} where they write | a workspace that ${short(shared)} users share, each as busy as above |
| storage of one object | ${limits.objectBytes / 1e9} GB | ${short(limits.objectBytes / turnBytes)} turns, or ${short(limits.objectBytes / turnBytes / (user.turns * 365))} years of one user; ${short(limits.objectBytes / turnBytes / (user.turns * 30))} such users in a shared workspace fill it in a month |
| one message | 1 MiB of content; a row of SQLite may have 2 MB | refused with 413 |
| memory of an isolate | 128 MB | 2,048 verified tokens are kept, some 400 bytes each; the oldest list of 200 × 1 MiB would not fit, so the client pages |
| CPU of a request | 30 s | the dearest answer takes ${(Math.max(...Object.values(cpu)) / 1_000).toFixed(1)} ms |

## What fails first

1. **A workspace that everybody shares.** An object is one thread on one machine. With \`{org_id}\` as the workspace, ${short(shared)}
   active users are what one object carries at its peak; beyond that it answers 503 with \`Retry-After\`, and the client keeps what it
   has. Give every user a workspace (\`{sub}\`, \`{org_id}_{sub}\`), which is the default.
2. **Distance.** An object lives where it was first asked for. Someone who moves to another continent waits for the way there at
   every list; tokens are minted and verified wherever they are.
3. **The bill of the records.** Rows written are ${Math.round((price("written", users.written) / total(users)) * 100)} % of the bill above. It grows with what is reported, not with what is read.
4. **Questions across workspaces.** A million databases answer no question together. Listing, counting or erasing over all of
   them is a million requests.
5. **A change of the schema** reaches an object at its next write. Nothing stops for it, and nothing tells when the last one has it.
`;
}

/** Where the text is. */
export const scalePage = join("docs", "scale.md");

/**
 * The text of docs/scale.md.
 *
 * @param {Record<string, number>} cpu of our answers, in µs by row
 */
export async function scale(cpu) {
  const sides = await Sides.start("metered");
  try {
    return document(await count(sides, CONTENT_BYTES), cpu);
  } finally {
    await sides.close();
  }
}

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
