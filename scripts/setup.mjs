// @ts-check
/** Makes a fresh machine ready: installs what is missing, says so, and is quick when nothing is. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem, ask, entry, find, isExecutable, run } from "./command.mjs";
import { cargoTools, environment, packageBin, root, tools, wasmTarget } from "./toolchain.mjs";

export { environment, tools };

/**
 * @param {{ browser?: boolean }} [needs] `browser`: also what the tests in a browser need
 */
export async function setup({ browser = false } = {}) {
  const started = performance.now();
  const installed = [
    rust(),
    await wasm(),
    await packages(),
    await cargoInstall(cargoTools.wasmBindgen),
    ...(browser ? [await cargoInstall(cargoTools.wasmPack), await chromium(), await firefox()] : []),
  ].filter(Boolean);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Set-up: ${installed.length ? `installed ${installed.join(", ")}` : "nothing missing"} (${seconds} s)`);
}

/** @param {string} text */
const say = (text) => console.log(`  ${text}`);

/** Rust is the one thing we do not install: how it comes onto a machine is its owner's choice. */
function rust() {
  const needed = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^rust-version = "(\d+)\.(\d+)/m);
  const version = ask("cargo", "--version");
  const found = version?.match(/(\d+)\.(\d+)/);
  const wanted = `Rust ${needed?.[1]}.${needed?.[2]} or newer`;
  if (!found) {
    throw new Problem(`${wanted} is needed and there is no cargo on the PATH: install it from https://rustup.rs`);
  }
  if (Number(found[1]) === Number(needed?.[1]) && Number(found[2]) < Number(needed?.[2])) {
    throw new Problem(`${wanted} is needed, this is ${version}: run \`rustup update stable\``);
  }
  say(`Rust: ${version}`);
}

async function wasm() {
  const library = ask("rustc", "--print", "target-libdir", "--target", wasmTarget);
  if (library && existsSync(library)) return void say(`WASM target: ${wasmTarget}`);
  if (!find("rustup")) {
    throw new Problem(
      `Rust's standard library for ${wasmTarget} is missing and there is no rustup to add it: install Rust from ` +
        "https://rustup.rs, or the package of your distribution that carries the target",
    );
  }
  say(`WASM target: adding ${wasmTarget}`);
  await run("rustup", ["target", "add", wasmTarget], { output: "hide" });
  return wasmTarget;
}

async function packages() {
  if (packagesMatchLock(root) && isExecutable(tools.node)) return void say("npm packages: as in package-lock.json");
  say("npm packages: installing");
  // `npm ci` removes node_modules, and with it the Node this may be running on: npm itself must run on another one.
  const directories = (process.env.PATH ?? "").split(delimiter);
  const PATH = directories.filter((directory) => directory !== packageBin).join(delimiter);
  await run("npm", ["ci", "--include=dev", "--loglevel=error"], { cwd: root, env: { ...process.env, PATH }, output: "hide" });
  const version = ask(tools.node, "--version");
  if (!version?.startsWith("v22.")) {
    throw new Problem(
      `node_modules/.bin/node should be Node 22 and is ${version ?? "missing"}: ` +
        "see optionalDependencies in package.json for the platforms it is there for",
    );
  }
  return "npm packages";
}

/**
 * npm leaves a record of what it installed; a stamp of our own would not notice an install by hand. Packages for other
 * platforms are in the lock file only.
 *
 * @param {string} directory that of the package-lock.json
 */
export function packagesMatchLock(directory) {
  const [installed, locked] = ["node_modules/.package-lock.json", "package-lock.json"].map((name) => {
    const path = join(directory, name);
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : undefined;
  });
  if (!installed) return false;
  const paths = new Set([...Object.keys(installed), ...Object.keys(locked)].filter(Boolean));
  return [...paths].every((path) =>
    installed[path] ? installed[path].integrity === locked[path]?.integrity : locked[path].optional,
  );
}

/** @param {typeof cargoTools.wasmBindgen} tool */
async function cargoInstall({ crate, version, minutes, directory, path }) {
  if (isExecutable(path)) return void say(`${crate}: ${version}`);
  say(`${crate}: installing ${version} (about ${minutes} minutes, once per machine)`);
  // Without --locked: a crate's lock file can name a dependency that has been withdrawn since.
  await run("cargo", ["install", "--root", directory, crate, "--version", version], { output: "hide" });
  return `${crate} ${version}`;
}

async function chromium() {
  if (tools.chromium && tools.chromedriver) return void say(`browser: ${tools.chromium}, ${tools.chromedriver}`);
  const byHand =
    "Chromium and its chromedriver are needed for the tests: install them, or name them in CHROMIUM and CHROMEDRIVER";
  if (process.getuid?.() !== 0 || !find("apt-get")) throw new Problem(byHand);
  say("browser: installing chromium and chromium-driver");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env, output: "hide" });
  await run("apt-get", ["install", "-y", "chromium", "chromium-driver"], { env, output: "hide" });
  if (!tools.chromium || !tools.chromedriver) throw new Problem(byHand);
  return "Chromium";
}

/** Where it cannot be installed, the tests in it are skipped. */
async function firefox() {
  if (tools.firefox) return void say(`browser: ${tools.firefox}`);
  if (process.getuid?.() !== 0 || !find("apt-get")) {
    return void say("browser: no Firefox; install it, or name it in FIREFOX, for the tests in it");
  }
  say("browser: installing firefox-esr");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run("apt-get", ["update"], { env, output: "hide" });
    await run("apt-get", ["install", "-y", "firefox-esr"], { env, output: "hide" });
  } catch {
    // Not every distribution has it under this name.
    return void say("browser: firefox-esr could not be installed; the tests in it are skipped");
  }
  return "Firefox";
}

await entry(import.meta, (args) => setup({ browser: args.includes("--browser") }));
