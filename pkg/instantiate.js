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

/** What is ready for use. */
const ready = new Set();

/**
 * @param {{ imports: WebAssembly.Imports, connect: (exports: any) => void }} link the glue's
 * @param {() => WebAssembly.Module} load
 */
export function instantiate(link, load) {
  if (ready.has(link)) return;
  link.connect(new WebAssembly.Instance(load(), link.imports).exports);
  ready.add(link);
}
