// @ts-check
/** What the npm package ships of wasm-bindgen's glue: no more than is used, by short names. */
import { Problem } from "./command.mjs";

/** Where a glue asks its module for something. */
const use = /\bwasm\.(\w+)/g;

/** Where it has something for the module to import. */
const imported = /^export function (__wb\w+)\(/gm;

/** What wasm-bindgen's own entry calls. */
const setter = /^export function __wbg_set_wasm\(val\) {\n {4}wasm = val;\n}\n?/m;

/** What the client's glue has for other modules' sake, and what takes its place. @type {[RegExp, string][]} */
const excess = [
  // The names of an enum's values by their numbers, which nobody asks for.
  [/, "\d+": "\w+"/g, ""],
  // What frees an object by hand: its collection does, where the runtime tells of it.
  [/^ {4}(__destroy_into_raw|free)\(\) {\n[^]*?\n {4}}\n/gm, ""],
  [/^if \(Symbol\.dispose\).*\n/gm, ""],
  // The module holds no value of JavaScript's.
  [/^export function __wbindgen_init_externref_table\(\) {\n[^]*?\n}\n/m, ""],
  // It says nothing but what broke it, once: no decoder is kept for the next text.
  [
    /decodeText\(getUint8ArrayMemory0\(\)\.subarray\(ptr, ptr \+ len\)\)/,
    "new TextDecoder().decode(new Uint8Array(wasm.memory.buffer, ptr, len))",
  ],
  [/^let cachedUint8ArrayMemory0[^]*return cachedTextDecoder\.decode\(bytes\);\n}\n/m, ""],
];

/**
 * Takes the excess from the client's glue.
 *
 * @param {string} glue
 */
export function simplify(glue) {
  return excess.reduce((left, [pattern, rest]) => {
    if (left.search(pattern) < 0) throw new Problem(`wasm-bindgen's glue has nothing like ${pattern}`);
    return left.replace(pattern, rest);
  }, glue);
}

/**
 * Has a glue name, one by one, what brings it together with an instance of its module: a bundler that is to hand all of
 * it over as one object spells out everything in it.
 *
 * @param {string} glue
 * @param {string} name by which the module knows it
 */
export function link(glue, name) {
  if (!setter.test(glue)) throw new Problem(`wasm-bindgen's glue has nothing like ${setter}`);
  const rest = glue.replace(setter, "");
  const imports = [...rest.matchAll(imported)].map(([, name]) => name);
  const start = imports.includes("__wbindgen_init_externref_table") ? " wasm.__wbindgen_start();" : "";
  return `${rest}
export const link = {
    imports: { "${name}": { ${imports.join(", ")} } },
    connect(exports) { wasm = exports;${start} },
};
`;
}

/**
 * What a glue asks its module for.
 *
 * @param {string} glue
 */
export function namesUsed(glue) {
  return [...new Set([...glue.matchAll(use)].map(([, name = ""]) => name))];
}

/**
 * The same glue for a module whose exports have other names.
 *
 * @param {string} glue
 * @param {[string, string][]} names the old ones with the new
 */
export function rename(glue, names) {
  const renamed = new Map(names);
  return glue.replaceAll(use, (_, name) => {
    const short = renamed.get(name);
    if (!short) throw new Problem(`the module exports no ${name}, which its glue asks for`);
    return `wasm.${short}`;
  });
}
