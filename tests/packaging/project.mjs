// @ts-check
/** Fresh projects, each with the package as it is packed: never with the files of the repository. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { packageDirectory } from "../../scripts/package-files.mjs";
import { environment, packageBin } from "../../scripts/toolchain.mjs";

/** Below this directory a project finds the tools of package.json, as if they were its own. */
const projects = join(import.meta.dirname, "projects");

/** @type {string | undefined} */
let scratch;

/** An empty directory, far from the repository. It is gone when the tests of the file have ended. */
export function emptyDirectory() {
  if (scratch === undefined) {
    const directory = mkdtempSync(join(tmpdir(), "assistant-cloud-edge-packaging-"));
    process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
    scratch = directory;
  }
  return mkdtempSync(join(scratch, "project-"));
}

/** @type {Promise<string> | undefined} */
let packing;

/** The tarball's path, the same for all tests of a file. */
export function pack() {
  packing ??= (async () => {
    const directory = emptyDirectory();
    const answer = await run("npm", ["pack", "--json", "--ignore-scripts", "--loglevel=silent", "--pack-destination", directory], {
      cwd: packageDirectory,
      env: environment(),
      output: "hide",
    });
    /** @type {{ filename: string }[]} */
    const [{ filename }] = Object.values(JSON.parse(answer));
    return join(directory, filename);
  })();
  return packing;
}

/**
 * Writes files, by their paths relative to a directory.
 *
 * @param {string} directory
 * @param {Record<string, string | object>} files an object is written as JSON
 */
export function write(directory, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/**
 * A project that finds the tools of package.json. The tarball is unpacked into it: what npm makes of its dependencies
 * is the matter of {@link installed}.
 *
 * @param {string} name
 * @param {Record<string, string | object>} files
 */
export async function project(name, files) {
  const directory = join(projects, name);
  const target = join(directory, "node_modules", "assistant-cloud-edge");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  await run("tar", ["-xzf", await pack(), "-C", target, "--strip-components=1"]);
  write(directory, { "package.json": { name, private: true, type: "module" }, ...files });
  return directory;
}

/**
 * A project far from the repository, of which npm installs what its package.json says.
 *
 * @param {Record<string, string | object>} files
 */
export async function installed(files) {
  const directory = emptyDirectory();
  write(directory, files);
  await run("npm", ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: directory,
    env: environment(),
    output: "hide",
  });
  return directory;
}

/**
 * Runs a program and reads the JSON that is the last line it prints.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function answerOf(command, args, { cwd, env } = {}) {
  const output = await run(command, args, { cwd, env: { ...environment(), ...env }, output: "hide" });
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
}

/** A file of this directory. @param {string[]} path */
export const source = (...path) => readFileSync(join(import.meta.dirname, ...path), "utf8");

/** The search path as its owner has it, without the Node of the workshop. */
export const ownPath = () =>
  (process.env.PATH ?? "").split(delimiter).filter((directory) => directory !== packageBin).join(delimiter);
