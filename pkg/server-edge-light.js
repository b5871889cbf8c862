// @ts-check
/** Vercel's Edge Runtime, likewise, with a spelling of its own. */
import { authenticate as drive } from "./authenticate.js";
import { link } from "./dist/server_bg.js";
import { instantiate } from "./instantiate.js";
// @ts-ignore: no types for a .wasm file
import module from "./dist/server_bg.wasm?module";

export { CloudConfigError, CloudUnavailableError } from "./errors.js";

/** @type {typeof import("./server.js").authenticate} */
export async function authenticate(request, options) {
  instantiate(link, () => module);
  return drive(request, options);
}
