// @ts-check
/**
 * Traces by OpenTelemetry, as in `assistant-cloud/telemetry`, but for its default host: an API key is sent only where
 * its owner says.
 *
 * @import { AssistantCloudTraceExportOptions } from "./telemetry.js"
 */
import * as official from "assistant-cloud-official/telemetry";
import { readBaseUrl } from "./base-url.js";

export {
  assistantCloudTraceMetadata,
  createAssistantCloudSpanProcessor,
  isAssistantCloudSpan,
  withAssistantCloudTraceMetadata,
} from "assistant-cloud-official/telemetry";

/** @param {AssistantCloudTraceExportOptions} options */
export function assistantCloudTraceExportOptions(options) {
  return official.assistantCloudTraceExportOptions(addressed(options));
}

/** @param {AssistantCloudTraceExportOptions} options */
export function createAssistantCloudTraceExporter(options) {
  return official.createAssistantCloudTraceExporter(addressed(options));
}

/** @param {AssistantCloudTraceExportOptions} options */
function addressed(options) {
  return { ...options, baseUrl: readBaseUrl(options.baseUrl) };
}
