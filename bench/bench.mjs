// @ts-check
/**
 * `npm run bench`: our Worker beside what a user would write instead, on the same runtime, in one run. Writes
 * bench/RESULTS.md and the plots beside it, and fails where a target is missed. With `--quick` it only shows that every
 * row is answered rightly on both sides, and writes nothing. `--rows a,b` measures these rows only, and writes nothing.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";

import { buildClient, buildWorker } from "../scripts/build.mjs";
import { Problem, entry } from "../scripts/command.mjs";
import { setup } from "../scripts/setup.mjs";
import { packageBin, root } from "../scripts/toolchain.mjs";
import { compareFaults, compareRow, compareSchemas } from "./answers.mjs";
import * as clients from "./client.mjs";
import * as growth from "./growth.mjs";
import { LoadProcess } from "./load.mjs";
import { measure, results } from "./measure.mjs";
import { plots } from "./plots.mjs";
import { excerpt, missed, report, summary } from "./report.mjs";
import { rows as allRows } from "./rows.mjs";
import { scale, scalePage, writePage } from "./scale.mjs";
import { Sides } from "./sides.mjs";
import { measureStarts } from "./start.mjs";
import * as width from "./width.mjs";

/** @import { Figures } from "./report.mjs" */

// Node 20 has no SQLite; the one among the npm packages has.
if (!isBuiltin("node:sqlite")) {
  const { status } = spawnSync(join(packageBin, "node"), process.argv.slice(1), { stdio: "inherit" });
  process.exit(status ?? 1);
}

const ROUNDS = 9;
const STARTS = 15;
/** How long a whole run takes on two cores, in minutes. */
const MINUTES = 8;

/** @param {string} text */
const say = (text) => console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`);

/** README.md with new figures between its marks. @param {string} text */
function withExcerpt(text) {
  const marks = /(<!-- bench -->\n).*?(\n<!-- \/bench -->)/s;
  const readme = readFileSync(join(root, "README.md"), "utf8");
  if (!marks.test(readme)) throw new Problem("README.md has lost the marks between which the figures stand");
  return readme.replace(marks, (_, start, end) => start + text + end);
}

/** Asserts that the peers do the whole job. @param {Sides} sides @param {import("./rows.mjs").Row[]} rows */
async function check(sides, rows) {
  const ours = sides.side("ours");
  for (const row of rows) await compareRow(row, ours, sides.side(row.peer ?? "hono"));
  const faults = await compareFaults(ours, sides.side("remembering"));
  await compareFaults(ours, sides.side("hono"));
  await compareSchemas(ours, sides.side("remembering"));
  say(`${rows.length} rows and ${faults} faulty requests are answered alike by all; the tables are the same`);
}

/**
 * Measures everything, or these rows.
 *
 * @param {{ quick: boolean, only: string[] }} options
 * @returns {Promise<Figures | undefined>}
 */
async function bench({ quick, only }) {
  const sides = await Sides.start("hono", "remembering", "plain", "accepting", "refusing");
  const load = new LoadProcess();
  try {
    const rows = allRows.filter(({ id }) => only.length === 0 || only.includes(id));
    await check(sides, rows);
    const effort = quick ? { rounds: 1, share: 0.01, warm: false } : { rounds: ROUNDS, share: 1, warm: true };
    const compared = results(await measure(sides, load, rows, { ...effort, say }));
    // What is measured in a blink means nothing.
    if (!quick) console.log(summary(compared));
    if (only.length > 0) return undefined;
    say("starts");
    const starts = await measureStarts(sides, ["ours", "hono"], quick ? 1 : STARTS);
    say("growth of the data");
    const grown = await growth.measureGrowth(sides.side("ours"), quick ? growth.quick : growth.whole);
    say("growth of the number of workspaces");
    const widened = await width.measureWidth(sides, ["ours", "remembering"], load, quick ? width.quick : width.whole);
    say("clients");
    return {
      machine: `${cpus().length} × ${cpus()[0].model}, Node ${process.versions.node}`,
      rounds: effort.rounds,
      results: compared,
      starts,
      grown,
      widened,
      client: await clients.compareClients(quick ? clients.quick : clients.whole),
    };
  } finally {
    load.close();
    await sides.close();
  }
}

/**
 * The files that show the figures, by their paths.
 *
 * @param {Figures} figures
 * @returns {Promise<Record<string, string>>}
 */
async function pages(figures) {
  const cpu = Object.fromEntries(figures.results.map(({ row, sides }) => [row.id, Math.round(sides.ours.cpu)]));
  const pictures = Object.entries(plots(figures)).map(([name, text]) => [join("bench", name), text]);
  return {
    "README.md": withExcerpt(excerpt(figures)),
    [join("bench", "RESULTS.md")]: report(figures),
    // What is computed without measuring begins with these.
    [join("bench", "results.json")]: `${JSON.stringify(cpu, undefined, 2)}\n`,
    [scalePage]: await scale(cpu),
    ...Object.fromEntries(pictures),
  };
}

await entry(import.meta, async (args) => {
  const quick = args.includes("--quick");
  const only = args.includes("--rows") ? args[args.indexOf("--rows") + 1].split(",") : [];
  const unknown = only.find((id) => !allRows.some((row) => row.id === id));
  if (unknown) throw new Problem(`There is no row "${unknown}": ${allRows.map(({ id }) => id).join(", ")}`);
  await setup();
  await buildWorker();
  if (!quick && only.length === 0) {
    await buildClient();
    say(`This takes about ${MINUTES} minutes, best on a machine that does nothing else.`);
  }
  const figures = await bench({ quick, only });
  if (!figures) return;
  const texts = await pages(figures);
  if (quick) return;
  for (const [path, text] of Object.entries(texts)) writePage(path, text);
  const late = missed(figures);
  if (late.length > 0) throw new Problem(`Above their targets:\n${late.map((line) => `  ${line}`).join("\n")}`);
});
