// @ts-check
/** Runs every test there is, or the steps that are named, and says at the end what came of each. */
import { Problem, entry } from "./command.mjs";
import { setup } from "./setup.mjs";
import { Skipped, steps } from "./steps.mjs";

/** @typedef {{ step: string, result: "passed" | "failed" | "skipped", seconds: number, notes: string[] }} Outcome */

/**
 * @param {string} step
 * @returns {Promise<Outcome>}
 */
async function outcome(step) {
  console.log(`\n=== ${step}`);
  const started = performance.now();
  const end = (/** @type {Outcome["result"]} */ result, /** @type {string[]} */ notes) => ({
    step,
    result,
    seconds: (performance.now() - started) / 1000,
    notes,
  });
  try {
    const tests = await steps[step]();
    const skips = /** @type {import("./steps.mjs").Skip[]} */ (Array.isArray(tests) ? tests : []);
    return end("passed", skips.map(({ name, reason }) => `skipped "${name}": ${reason}`));
  } catch (error) {
    if (error instanceof Skipped) return end("skipped", [error.message]);
    console.error(error instanceof Problem ? error.message : error);
    return end("failed", []);
  }
}

/** @param {Outcome[]} outcomes */
function report(outcomes) {
  console.log(`\n${"step".padEnd(16)}${"result".padEnd(10)}seconds`);
  for (const { step, result, seconds, notes } of outcomes) {
    console.log(`${step.padEnd(16)}${result.padEnd(10)}${seconds.toFixed(1).padStart(7)}  ${notes[0] ?? ""}`.trimEnd());
    for (const note of notes.slice(1)) console.log(`${" ".repeat(35)}${note}`);
  }
  const count = (/** @type {Outcome["result"]} */ wanted) => outcomes.filter(({ result }) => result === wanted).length;
  console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  if (count("failed") > 0) process.exitCode = 1;
}

await entry(import.meta, async (names) => {
  const unknown = names.find((name) => !Object.hasOwn(steps, name));
  if (unknown) throw new Problem(`There is no step "${unknown}": ${Object.keys(steps).join(", ")}`);
  await setup({ browser: true });
  const outcomes = [];
  for (const step of Object.keys(steps)) {
    if (names.length === 0 || names.includes(step)) outcomes.push(await outcome(step));
  }
  report(outcomes);
});
