// @ts-check
/** How messages and runs of the AI SDK are stored, as in `assistant-cloud/ai-sdk`. */
export { aiSDKV6FormatAdapter, extractAISDKRunTelemetry } from "./dist/official.js";
