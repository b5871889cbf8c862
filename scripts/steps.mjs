// @ts-check
/** The steps of `npm test`, in their order. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient, buildSite, buildWorker } from "./build.mjs";
import { Problem, run } from "./command.mjs";
import { checkTable, writeTable } from "./security-table.mjs";
import { packagesMatchLock } from "./setup.mjs";
import { environment, root, tools, wasmTarget } from "./toolchain.mjs";
import { needsForUnwinding, unwindingRust } from "./unwinding.mjs";

/** @typedef {{ name: string, reason: string }} Skip a test that did not run */

/** A step that cannot run; its message says why. */
export class Skipped extends Error {}

/** How long one file of tests may take, in milliseconds. */
const patience = 600_000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [extra]
 */
function shown(command, args, extra) {
  const colors = process.stdout.isTTY ? { CARGO_TERM_COLOR: "always", FORCE_COLOR: "1" } : {};
  return run(command, args, { cwd: root, env: { ...environment(), ...colors, ...extra }, output: "both" });
}

/** @param {string[]} args */
const cargo = (...args) => shown("cargo", args);

/** @param {string[]} args */
const clippy = (...args) => cargo("clippy", ...args, "--", "-D", "warnings");

/** What runs everywhere must not depend on what runs in one place only: neither directly nor through a test. */
async function pureDomain() {
  const tree = await run("cargo", ["tree", "-e", "normal,dev", "--prefix", "none"], { cwd: root, output: "hide" });
  const crates = new Set(tree.split("\n").map((line) => line.split(" ")[0]).filter(Boolean));
  const wasm = [...crates].filter((crate) => /^(wasm-bindgen|js-sys|web-sys|worker)(-|$)/.test(crate));
  if (wasm.length > 0) throw new Problem(`Without features the crate depends on ${wasm.join(", ")}`);
  console.log(`none of ${crates.size} crates is a WASM crate`);
}

/** @param {string} output of Rust's test runner, native or in the browser */
function ignoredTests(output) {
  const plain = output.replace(/\x1b\[[\d;]*m/g, "");
  return [...plain.matchAll(/^test (.+) \.\.\. ignored(?:, (.*))?$/gm)].map(([, name, reason]) => ({
    name,
    reason: reason ?? "no reason given",
  }));
}

/** What Rust's test runner counts as passed where it cannot run. @returns {Skip[]} */
function testsWithoutVectors() {
  if (existsSync(join(root, "..", "shared", "vectors"))) return [];
  return [{ name: "tests/wycheproof.rs", reason: "the vectors are not part of the repository" }];
}

/**
 * @param {string} directory below tests/
 * @param {NodeJS.ProcessEnv} [extra]
 * @returns {Promise<Skip[]>}
 */
async function nodeTests(directory, extra) {
  const top = join("tests", directory);
  const names = existsSync(join(root, top)) ? readdirSync(join(root, top), { recursive: true, encoding: "utf8" }) : [];
  const files = names.filter((name) => name.endsWith(".test.mjs") && !/node_modules|projects/.test(name)).sort();
  if (files.length === 0) throw new Skipped("no tests yet");
  const scratch = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-test-"));
  try {
    const record = join(scratch, "skipped");
    const reporters = [
      ["--test-reporter=spec", "--test-reporter-destination=stdout"],
      [`--test-reporter=${join(root, "scripts", "skipped.mjs")}`, `--test-reporter-destination=${record}`],
    ].flat();
    // One file after the other: two Workers and two browsers at once make a small machine miss its deadlines.
    const limits = ["--test-concurrency=1", `--test-timeout=${patience}`];
    await shown(tools.node, ["--test", ...reporters, ...limits, ...files.map((name) => join(top, name))], extra);
    return readFileSync(record, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The bundlers and frameworks that the package is tried with are not the workshop's: they are installed here. */
async function packagingTests() {
  const cwd = join(root, "tests", "packaging");
  if (!packagesMatchLock(cwd)) {
    console.log("installing what the package is tried with");
    try {
      const args = ["ci", "--include=dev", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
      await run("npm", args, { cwd, env: environment(), output: "hide" });
    } catch (error) {
      const reason = /\b(?:EAI_AGAIN|ECONN\w+|ENET\w+|ENOTFOUND|ETIMEDOUT|ENOTCACHED|E404|ETARGET)\b/.exec(String(error));
      // Anything else is a defect of ours, such as a lock file that does not fit.
      if (!reason) throw error;
      throw new Skipped(`the registry does not give what the package is tried with: ${reason[0]}`);
    }
  }
  return nodeTests("packaging");
}

/** The attacks and faults, and the table of what came of them. */
async function securityTests() {
  const scratch = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-test-"));
  try {
    const record = join(scratch, "record");
    const skips = await nodeTests("security", { SECURITY_RECORD: record });
    await (process.env.SECURITY_TABLE === "write" ? writeTable : checkTable)(record);
    return skips;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Altered tokens before the Worker's verification and other libraries'. */
async function differentialTests() {
  await types("tests", "differential");
  return nodeTests("differential");
}

/** The Worker whose panics unwind, in a place of its own. */
async function unwindingTests() {
  await types("tests", "panic-unwind");
  if (!unwindingRust()) throw new Skipped(`there is no ${needsForUnwinding.slice(2)}`);
  await buildWorker({ directory: join(root, "target", "panic-unwind", "worker"), panicUnwind: true });
  return nodeTests("panic-unwind");
}

async function browserTests() {
  if (!existsSync(join(root, "tests", "browser.rs")) && !existsSync(join(root, "tests", "browser"))) {
    throw new Skipped("no tests yet");
  }
  const scratch = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-test-"));
  try {
    const settings = JSON.parse(readFileSync(join(root, "webdriver.json"), "utf8"));
    // chromedriver finds an installed Chromium by itself, one that is named it must be told.
    if (process.env.CHROMIUM) settings["goog:chromeOptions"].binary = process.env.CHROMIUM;
    const file = join(scratch, "webdriver.json");
    writeFileSync(file, JSON.stringify(settings));
    const extra = { WASM_BINDGEN_TEST_WEBDRIVER_JSON: file, WASM_BINDGEN_TEST_TIMEOUT: "300" };
    const how = ["--headless", "--chrome", "--chromedriver", tools.chromedriver ?? "", "--mode", "no-install"];
    const args = ["test", ...how, "--features", "client", "--test", "browser"];
    return ignoredTests(await shown(tools.wasmPack, args, extra));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @param {string[]} directory a directory with a tsconfig.json */
async function types(...directory) {
  const project = join(...directory, "tsconfig.json");
  if (!existsSync(join(root, project))) throw new Skipped("no tests yet");
  await shown(tools.tsc, ["-p", project]);
}

/** Shows that the benchmarks run and that their peers do the whole job; measures nothing. */
async function benchmarks() {
  await types("bench");
  const skips = await nodeTests("bench");
  await shown(tools.node, [join("bench", "bench.mjs"), "--quick"]);
  return skips;
}

/**
 * A step resolves when it has passed, with the tests in it that did not run; it rejects with `Skipped` when it could
 * not run, with anything else when it has failed.
 *
 * @type {Record<string, () => Promise<unknown>>}
 */
export const steps = {
  "format": () => cargo("fmt", "--check"),
  "clippy": () => clippy("--all-targets"),
  "clippy-keys": () => clippy("--bin", "keys", "--features", "keys"),
  "clippy-client": () => clippy("--lib", "--target", wasmTarget, "--features", "client"),
  "clippy-server": () => clippy("--lib", "--target", wasmTarget, "--features", "server"),
  "clippy-edge": () => clippy("--lib", "--target", wasmTarget, "--features", "edge"),
  "scripts": async () => {
    await types("scripts");
    await types("src", "edge");
  },
  "domain": pureDomain,
  "native": async () => [...ignoredTests(await cargo("test")), ...testsWithoutVectors()],
  "build-client": buildClient,
  "build-worker": buildWorker,
  "build-site": () => buildSite(),
  "types": () => types("tests", "types"),
  "client": () => nodeTests("client"),
  "server": () => nodeTests("server"),
  "browser": browserTests,
  "sessions": () => nodeTests("sessions"),
  "worker": () => nodeTests("worker"),
  "panic-unwind": unwindingTests,
  "security": securityTests,
  "providers": () => nodeTests("providers"),
  "differential": differentialTests,
  "bench": benchmarks,
  "demo": () => nodeTests("demo"),
  "packaging": packagingTests,
  "size": () => shown(tools.node, [join("scripts", "size.mjs")]),
};
