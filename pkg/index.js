// @ts-check
/** Everywhere but in workerd and the Edge Runtime: the WASM is inlined and compiled at the first request. */
import { AssistantCloud as Client } from "./assistant-cloud.js";
import { link } from "./dist/assistant_cloud_bg.js";
import { instantiate } from "./instantiate.js";
import load from "./dist/wasm-inline.js";

export * from "./exports.js";

/** @import { AssistantCloudConfig } from "./index.js" */

export class AssistantCloud extends Client {
  /** @param {AssistantCloudConfig} config */
  constructor(config) {
    super(config, () => instantiate(link, load));
  }
}
