// @ts-check
/** Vercel's Edge Runtime, likewise, with a spelling of its own. */
import { AssistantCloud as Client } from "./assistant-cloud.js";
import { link } from "./dist/assistant_cloud_bg.js";
import { instantiate } from "./instantiate.js";
// @ts-ignore: no types for a .wasm file
import module from "./dist/assistant_cloud_bg.wasm?module";

export * from "./exports.js";

/** @import { AssistantCloudConfig } from "./index.js" */

export class AssistantCloud extends Client {
  /** @param {AssistantCloudConfig} config */
  constructor(config) {
    super(config, () => instantiate(link, () => module));
  }
}
