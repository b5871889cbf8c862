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
import { median } from "./measure.mjs";

/** @import { Row } from "./client-rows.mjs" */
/** @typedef {{ node: Row[], chromium: Row[] | null }} Comparison `null` where there is no Chromium */

/** How often a process or a page is started for the first `new`. */
const STARTS = 15;

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The rows as one script, as a consumer's bundler makes one. @param {string} directory @param {"node" | "browser"} platform */
async function bundle(directory, platform) {
  await layOutPackage(join(directory, "node_modules", "assistant-cloud-edge"));
  const { outputFiles } = await build({
    entryPoints: [join(root, "bench", "client-rows.mjs")],
    alias: { "assistant-cloud-edge": join(directory, "node_modules", "assistant-cloud-edge") },
    nodePaths: [join(root, "node_modules")],
    bundle: true, minify: true, format: "esm", platform, write: false,
  });
  return String(outputFiles[0]?.text);
}

/**
 * @param {(side: "ours" | "official") => Promise<number>} start
 * @returns {Promise<Row>}
 */
async function compareStarts(start) {
  /** @type {[number[], number[]]} */
  const [ours, official] = [[], []];
  for (let turn = 0; turn < STARTS; turn++) {
    ours.push(await start("ours"));
    official.push(await start("official"));
  }
  const [a, b] = [median(ours), median(official)];
  return { row: "the first new", ours: a, official: b, ratio: a / b };
}

/** @param {string} directory @returns {Promise<Row[]>} */
async function inNode(directory) {
  const script = join(directory, "rows.mjs");
  writeFileSync(script, await bundle(directory, "node"));
  const ask = async (/** @type {string} */ call) => {
    const code = `const rows = await import(${JSON.stringify(script)}); console.log(JSON.stringify(await rows.${call}));`;
    const { stdout } = await promisify(execFile)(tools.node, ["--input-type=module", "-e", code]);
    return JSON.parse(stdout);
  };
  return [await compareStarts((side) => ask(`firstNew("${side}")`)), ...(await ask("compareCalls()"))];
}

/** @param {string} directory @returns {Promise<Row[] | null>} */
async function inChromium(directory) {
  if (!tools.chromium) return null;
  const script = await bundle(directory, "browser");
  const server = createServer(({ url }, response) => {
    const isScript = url === "/rows.js";
    response.writeHead(200, { "Content-Type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : "<!doctype html><title>Rows</title>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
  const browser = await launch({ executablePath: tools.chromium, args: flags, headless: true, protocolTimeout: 120_000 });
  try {
    const ask = async (/** @type {string} */ call) => {
      const page = await browser.newPage();
      await page.goto(address);
      const result = await page.evaluate(`import("/rows.js").then((rows) => rows.${call})`);
      await page.close();
      return /** @type {any} */ (result);
    };
    return [await compareStarts((side) => ask(`firstNew("${side}")`)), ...(await ask("compareCalls()"))];
  } finally {
    await browser.close();
    server.close();
  }
}

/** @returns {Promise<Comparison>} */
export async function compareClients() {
  const directory = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-bench-"));
  try {
    return { node: await inNode(directory), chromium: await inChromium(directory) };
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
