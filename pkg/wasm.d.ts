/**
 * The compiled module, for a runtime or bundler that has its own way with `.wasm` files. What is imported
 * depends on it: usually a `WebAssembly.Module`, or a URL.
 */
declare const wasm: unknown;
export default wasm;
