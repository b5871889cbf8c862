// @ts-check
/** Runs the fuzz targets, one after the other, and says how many texts each of them has stood. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Problem, ask, entry, run } from "./command.mjs";
import { environment, root } from "./toolchain.mjs";

const folder = join(root, "fuzz");
const targets = readdirSync(join(folder, "fuzz_targets")).map((name) => name.replace(/\.rs$/, "")).sort();
const fuzz = ["rustup", "run", "nightly", "cargo", "fuzz"];

const usage = `Usage: npm run fuzz -- [<seconds for each>] [<target>…]\nTargets: ${targets.join(", ")}`;

/** @param {string} target @param {string} seconds @returns {Promise<string>} how many texts it was given */
async function fuzzed(target, seconds) {
  // What the fuzzer finds worth keeping goes into the first folder.
  const texts = ["corpus", "seeds"].map((name) => join(folder, name, target));
  mkdirSync(texts[0], { recursive: true });
  const options = [`-max_total_time=${seconds}`, "-print_final_stats=1"];
  // Its figures are among its errors.
  const together = ["-c", 'exec "$@" 2>&1', "sh", ...fuzz, "run", target, ...texts, "--", ...options];
  const said = await run("sh", together, { cwd: root, env: environment(), output: "hide" });
  const [, count] = /^stat::number_of_executed_units:\s*(\d+)$/m.exec(said) ?? [];
  if (!count) throw new Problem(`the fuzzer has not said what it did with ${target}:\n${said.slice(-2_000)}`);
  return count;
}

await entry(import.meta, async ([seconds = "600", ...names]) => {
  if (!/^[1-9]\d*$/.test(seconds) || names.some((name) => !targets.includes(name))) throw new Problem(usage);
  if (!ask(fuzz[0], ...fuzz.slice(1), "--version")) {
    const needs = "`rustup toolchain install nightly`, `cargo install cargo-fuzz`";
    throw new Problem(`a nightly Rust and cargo-fuzz are needed: ${needs}`);
  }
  for (const target of names.length > 0 ? names : targets) {
    const count = await fuzzed(target, seconds);
    console.log(`${target.padEnd(16)}${seconds} s, ${Number(count).toLocaleString("en-US")} texts, nothing found`);
  }
});
