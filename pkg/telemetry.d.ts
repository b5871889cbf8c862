/**
 * Traces by OpenTelemetry, as in `assistant-cloud/telemetry`, but for its default host: an API key is sent only where
 * its owner says. Needs `@opentelemetry/api`, `@opentelemetry/sdk-trace-base` and
 * `@opentelemetry/exporter-trace-otlp-http`.
 */
import type * as official from "assistant-cloud-official/telemetry" with { "resolution-mode": "import" };

export type { AssistantCloudSpanProcessorOptions } from "assistant-cloud-official/telemetry" with { "resolution-mode": "import" };

/** Where traces go, and with which API key. */
export interface AssistantCloudTraceExportOptions extends official.AssistantCloudTraceExportOptions {
  /** The server's absolute URL. Required: there is no default, so that a key only goes where you send it. */
  baseUrl: string;
}

/** The `url` and `headers` of an OTLP exporter. Throws `CloudConfigError` when `baseUrl` is missing or no absolute URL. */
export function assistantCloudTraceExportOptions(
  options: AssistantCloudTraceExportOptions,
): ReturnType<typeof official.assistantCloudTraceExportOptions>;

/** An exporter to the server. Throws likewise. */
export function createAssistantCloudTraceExporter(
  options: AssistantCloudTraceExportOptions,
): ReturnType<typeof official.createAssistantCloudTraceExporter>;

/** Whether a span is of a model's work. */
export const isAssistantCloudSpan: typeof official.isAssistantCloudSpan;

/** Passes such spans on to an exporter, in batches. */
export const createAssistantCloudSpanProcessor: typeof official.createAssistantCloudSpanProcessor;

/** The trace that is active now, as a message's metadata. */
export const assistantCloudTraceMetadata: typeof official.assistantCloudTraceMetadata;

/** Adds the active trace to the metadata of a message that begins. */
export const withAssistantCloudTraceMetadata: typeof official.withAssistantCloudTraceMetadata;
