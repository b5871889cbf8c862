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

/** The glue that is ready for use. */
const ready = new Set();

/**
 * @param {any} glue
 * @param {string} name the glue's, which the WASM knows it by
 * @param {() => WebAssembly.Module} load
 */
export function instantiate(glue, name, load) {
  if (ready.has(glue)) return;
  const exports = /** @type {any} */ (new WebAssembly.Instance(load(), { [name]: glue }).exports);
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  ready.add(glue);
}
