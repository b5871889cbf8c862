// @ts-check
/** Which tools the project uses, in which versions, and where they lie. Nothing here touches the machine. */
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { find } from "./command.mjs";

/** The top of the repository. */
export const root = dirname(import.meta.dirname);

export const wasmTarget = "wasm32-unknown-unknown";

/**
 * Command-line tools that cargo installs. They go to a cache of their own, one directory per version: every clone
 * finds them there, and the tools someone has installed globally stay as they are.
 *
 * wasm-bindgen-cli must be the version of the `wasm-bindgen` crate in Cargo.toml.
 */
export const cargoTools = {
  wasmBindgen: cargoTool("wasm-bindgen-cli", "0.2.130", "wasm-bindgen", 4),
  wasmPack: cargoTool("wasm-pack", "0.15.1", "wasm-pack", 3),
};

/**
 * @param {string} crate
 * @param {string} version
 * @param {string} program
 * @param {number} minutes how long it takes to build on two cores
 */
function cargoTool(crate, version, program, minutes) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const directory = join(cache, "assistant-cloud-edge", `${crate}-${version}`);
  return { crate, version, minutes, directory, path: join(directory, "bin", program) };
}

/** Programs of npm packages, in the versions of package-lock.json. */
export const packageBin = join(root, "node_modules", ".bin");

/** Paths of the programs the scripts start. */
export const tools = {
  node: join(packageBin, "node"),
  wrangler: join(packageBin, "wrangler"),
  tsc: join(packageBin, "tsc"),
  vite: join(packageBin, "vite"),
  esbuild: join(packageBin, "esbuild"),
  wasmOpt: join(packageBin, "wasm-opt"),
  wasmMetadce: join(packageBin, "wasm-metadce"),
  wasmBindgen: cargoTools.wasmBindgen.path,
  wasmPack: cargoTools.wasmPack.path,
  /** Looked up when asked for, as the set-up may just have installed them. */
  get chromium() {
    return process.env.CHROMIUM || find("chromium", "chromium-browser", "google-chrome");
  },
  get firefox() {
    return process.env.FIREFOX || find("firefox-esr", "firefox");
  },
  get chromedriver() {
    return process.env.CHROMEDRIVER || find("chromedriver");
  },
};

/**
 * The environment of every program the scripts start: our versions of the tools first, no telemetry and no look-ups
 * outside.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function environment() {
  const ours = [packageBin, ...Object.values(cargoTools).map(({ path }) => dirname(path))];
  return {
    ...process.env,
    PATH: [...ours, process.env.PATH].join(delimiter),
    ...(tools.chromium && { CHROMIUM: tools.chromium }),
    ...(tools.chromedriver && { CHROMEDRIVER: tools.chromedriver }),
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    // The banner asks the registry for a newer wrangler.
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
    // Keeps logs and the list of running Workers out of the home directory.
    WRANGLER_LOG_PATH: join(root, ".wrangler", "logs"),
    WRANGLER_REGISTRY_PATH: join(root, ".wrangler", "registry"),
    // Miniflare otherwise fetches a sample of `request.cf` from the network.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
}
