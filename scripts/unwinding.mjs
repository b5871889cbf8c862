// @ts-check
/** Looks for a Rust that can build its own standard library, which the one of every day cannot. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./command.mjs";

/** What to install where there is none. */
export const needsForUnwinding =
  "a nightly Rust with its sources: `rustup toolchain install nightly --component rust-src`";

/**
 * How to start that Rust: what comes before `cargo`. Either rustup's nightly, or whatever Rust the environment takes for
 * one with `RUSTC_BOOTSTRAP=1`.
 */
export function unwindingRust() {
  const own = process.env.RUSTC_BOOTSTRAP === "1" ? [{ before: [], rustc: [process.env.RUSTC ?? "rustc"] }] : [];
  const nightly = ["rustup", "run", "nightly"];
  const found = [...own, { before: nightly, rustc: [...nightly, "rustc"] }].find(({ rustc: [command, ...args] }) => {
    const sysroot = ask(command, ...args, "--print", "sysroot");
    return sysroot && existsSync(join(sysroot, "lib", "rustlib", "src", "rust", "library", "Cargo.lock"));
  });
  return found?.before;
}
