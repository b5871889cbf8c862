// @ts-check
/** Cloudflare's runtime compiles no WASM at run time; it imports a module that is compiled already. */
import { authenticate as drive } from "./authenticate.js";
import { link } from "./dist/server_bg.js";
import { instantiate } from "./instantiate.js";
// @ts-ignore: no types for a .wasm file
import module from "./dist/server_bg.wasm";

export { CloudConfigError, CloudUnavailableError } from "./errors.js";

/** @type {typeof import("./server.js").authenticate} */
export async function authenticate(request, options) {
  instantiate(link, () => module);
  return drive(request, options);
}
