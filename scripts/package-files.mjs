// @ts-check
/** The npm package as a consumer gets it: the files `npm pack` selects, no more. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./command.mjs";
import { environment, root } from "./toolchain.mjs";

export const packageDirectory = join(root, "pkg");

/** Paths of the packed files, relative to the package. */
export async function packedFiles() {
  const answer = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=silent"], {
    cwd: packageDirectory,
    env: environment(),
    output: "hide",
  });
  /** @type {{ files: { path: string }[] }[]} */
  const [{ files }] = Object.values(JSON.parse(answer));
  return files.map(({ path }) => path);
}

/**
 * Lays the package out in a directory, in place of what was there.
 *
 * @param {string} directory
 */
export async function layOutPackage(directory) {
  rmSync(directory, { recursive: true, force: true });
  for (const path of await packedFiles()) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    cpSync(join(packageDirectory, path), join(directory, path));
  }
}
