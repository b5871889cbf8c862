// @ts-check
/** Starting other programs: one way to run a command, one way to say that it failed. */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A failure the reader can act on: its message is printed as it is, without a stack. */
export class Problem extends Error {}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: "inherit", output?: "show" | "hide" | "both" }} [options]
 *   `input`: the command may ask questions.
 *   `hide` keeps what the command says for the result, and for the message when it fails; `both` shows it as well.
 * @returns {Promise<string>} the command's standard output, empty with `show`
 */
export function run(command, args, { cwd, env, input, output = "show" } = {}) {
  return new Promise((resolve, reject) => {
    const stdin = input ?? "ignore";
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: output === "show" ? [stdin, "inherit", "inherit"] : [stdin, "pipe", "pipe"],
    });
    let said = "";
    let answer = "";
    for (const name of /** @type {const} */ (["stdout", "stderr"])) {
      child[name]?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        said += text;
        if (name === "stdout") answer += text;
        if (output === "both") process[name].write(text);
      });
    }
    child.on("error", (error) => reject(new Problem(`${command} did not start: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(answer);
      const ending = signal ? `was ended by ${signal}` : `failed with status ${code}`;
      const tail = output === "hide" ? said.trimEnd().split("\n").slice(-40).join("\n") : "";
      reject(new Problem([`${[command, ...args].join(" ")} ${ending}`, tail].filter(Boolean).join("\n")));
    });
  });
}

/**
 * The answer of a quick question such as `rustc --version`; `undefined` when the command is missing or refuses.
 *
 * @param {string} command
 * @param {string[]} args
 */
export function ask(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * Where a program lies on the search path.
 *
 * @param {string[]} names in order of preference
 */
export function find(...names) {
  const directories = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return names.flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable);
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a script's main function when the script is what Node was started with, and ends with a plain message on a
 * problem. Anything else that is thrown is a defect of ours and keeps its stack.
 *
 * @param {ImportMeta} script
 * @param {(args: string[]) => unknown} main
 */
export async function entry(script, main) {
  if (realpathSync(process.argv[1]) !== script.filename) return;
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Problem ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
