// @ts-check
/**
 * What our client costs beside the official one, in Node and in Chromium: `node bench/client.mjs [--json]`. Both sides run
 * in one process and take turns; the server is a function that answers from memory.
 */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { launch } from "puppeteer-core";
import { entry } from "../scripts/command.mjs";
import { layOutPackage } from "../scripts/package-files.mjs";
import { root, tools } from "../scripts/toolchain.mjs";
import { inTurns } from "./turns.mjs";

/** @import { Row } from "./turns.mjs" */
/** @typedef {{ node: Row[], chromium: Row[] | null }} Comparison `null` where there is no Chromium */

/**
 * @typedef {object} Effort
 * @property {number} starts how often a process or a page is started for what is done for the first time, on each side
 * @property {number} turns how often the sides take turns at everything else
 * @property {number} slice how long one turn of one side takes at least, in ms
 */

/** @type {Effort} */
export const whole = { starts: 31, turns: 201, slice: 2 };
/** Shows that every row is answered on both sides. @type {Effort} */
export const quick = { starts: 1, turns: 1, slice: 0 };

/** What is done for the first time, in a process or page of its own. */
const firsts = [{ row: "the first new", call: "firstNew" }, { row: "new and its first list", call: "firstList", unbounded: true }];

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Lets a page read the clock by 5 µs, not by 100. */
const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The rows as one script, as a consumer's bundler makes one. @param {string} directory @param {"node" | "browser"} platform */
async function bundle(directory, platform) {
  const packages = join(directory, "node_modules");
  await layOutPackage(join(packages, "assistant-cloud-edge"));
  const { outputFiles } = await build({
    entryPoints: [join(root, "bench", "client-rows.mjs")],
    nodePaths: [packages, join(root, "node_modules")],
    bundle: true, minify: true, format: "esm", platform, write: false,
  });
  return String(outputFiles[0]?.text);
}

/**
 * The rows of one place.
 *
 * @param {Effort} effort
 * @param {(call: string) => Promise<any>} ask calls a function of bench/client-rows.mjs in a new process or page
 * @returns {Promise<Row[]>}
 */
async function compare({ starts, turns, slice }, ask) {
  /** @type {Row[]} */
  const rows = [];
  for (const { row, call, unbounded } of firsts) {
    rows.push({ ...(await inTurns(row, starts, (side) => ask(`${call}("${side}")`))), unbounded });
  }
  return [...rows, ...(await ask(`compareCalls(${turns}, ${slice})`))];
}

/** @param {string} directory @param {Effort} effort */
async function inNode(directory, effort) {
  const script = join(directory, "rows.mjs");
  writeFileSync(script, await bundle(directory, "node"));
  return compare(effort, async (call) => {
    const code = `const rows = await import(${JSON.stringify(script)}); console.log(JSON.stringify(await rows.${call}));`;
    const { stdout } = await promisify(execFile)(tools.node, ["--input-type=module", "-e", code]);
    return JSON.parse(stdout);
  });
}

/** @param {string} directory @param {Effort} effort */
async function inChromium(directory, effort) {
  if (!tools.chromium) return null;
  const script = await bundle(directory, "browser");
  const server = createServer(({ url }, response) => {
    const isScript = url === "/rows.js";
    response.writeHead(200, { ...isolation, "Content-Type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : "<!doctype html><title>Rows</title>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
  const browser = await launch({ executablePath: tools.chromium, args: flags, headless: true, protocolTimeout: 120_000 });
  try {
    return await compare(effort, async (call) => {
      // In a context of its own nothing is found that was compiled before.
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(address);
      const result = await page.evaluate(`import("/rows.js").then((rows) => rows.${call})`);
      await context.close();
      return result;
    });
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {Effort} [effort] @returns {Promise<Comparison>} */
export async function compareClients(effort = whole) {
  const directory = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-bench-"));
  try {
    return { node: await inNode(directory, effort), chromium: await inChromium(directory, effort) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await entry(import.meta, async (args) => {
  const comparison = await compareClients();
  if (args.includes("--json")) return console.log(JSON.stringify(comparison));
  for (const [where, rows] of Object.entries(comparison)) {
    console.log(`\n${where.padEnd(30)}${["ours, µs", "official, µs", "ratio"].map((head) => head.padStart(14)).join("")}`);
    for (const { row, ours, official, ratio } of rows ?? []) {
      const cells = [ours.toFixed(1), official.toFixed(1), ratio.toFixed(2)];
      console.log(row.padEnd(30) + cells.map((cell) => cell.padStart(14)).join(""));
    }
  }
});
