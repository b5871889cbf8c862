// @ts-check
/** The few values of wrangler.toml that the scripts need. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./command.mjs";
import { root } from "./toolchain.mjs";

/**
 * A variable of wrangler.toml's `[vars]`, as text. We write that file, so one line per variable is all there is to
 * read.
 *
 * @param {string} name
 */
export function variable(name) {
  const value = readFileSync(join(root, "wrangler.toml"), "utf8").match(new RegExp(`^${name} *= *"([^"]*)"`, "m"))?.[1];
  if (value === undefined) throw new Problem(`wrangler.toml has no line ${name} = "..."`);
  return value;
}
