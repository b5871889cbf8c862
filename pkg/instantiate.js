// @ts-check
/**
 * Brings the glue and its WASM together, once. How the WASM comes depends on the entry, and the entry on the
 * conditions of package.json, of which a runtime takes the first that it knows:
 *
 * - `workerd` before all others, because its tools name themselves `browser` and `import` as well. It forbids
 *   compiling at run time and imports modules instead.
 * - `edge-light`, Vercel's Edge Runtime, for the same reason. Its static scan refuses code that could compile.
 * - `module-sync`, Node from 20.19: there `require()` and `import` come to the same file, so that there is one
 *   class `AssistantCloud` and not two.
 * - `import`, everything else that speaks ES modules: bundlers, browsers, Deno, Bun.
 * - `require`, older Node and Jest.
 */
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
