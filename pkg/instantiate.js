// @ts-check
/** Brings the glue and its WASM together, once. */
import * as glue from "./dist/assistant_cloud_bg.js";

let ready = false;

/** @param {() => WebAssembly.Module} load */
export function instantiate(load) {
  if (ready) return;
  const imports = { "./assistant_cloud_bg.js": /** @type {any} */ (glue) };
  const exports = /** @type {any} */ (new WebAssembly.Instance(load(), imports).exports);
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  ready = true;
}
