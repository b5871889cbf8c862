// @ts-check
/** For servers, everywhere but in workerd and the Edge Runtime: the WASM is inlined and compiled at the first call. */
import { authenticate as drive } from "./authenticate.js";
import { link } from "./dist/server_bg.js";
import load from "./dist/server-inline.js";
import { instantiate } from "./instantiate.js";

export { CloudConfigError, CloudUnavailableError } from "./errors.js";

/** @type {typeof import("./server.js").authenticate} */
export async function authenticate(request, options) {
  instantiate(link, load);
  return drive(request, options);
}
