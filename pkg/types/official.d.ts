/** What is taken over from the official package as it is. */
import type * as official from "assistant-cloud-official" with { "resolution-mode": "import" };

export type {
  CloudRunReportInit,
  EngagementEventIds,
  EngagementIdResolver,
  McpSamplingHandler,
  MessageFormatAdapter,
  RunMessageTelemetry,
  RunReportInit,
  RunReportOutcome,
  RunReportStepInit,
  RunTelemetryToolCallInit,
  RunTelemetryUsage,
  RunTelemetryUsageInit,
} from "assistant-cloud-official" with { "resolution-mode": "import" };

/** Reports what users do with the messages of a thread. */
export const CloudEngagementReporter: typeof official.CloudEngagementReporter;
export type CloudEngagementReporter = official.CloudEngagementReporter;
/** Appends, updates and loads messages, and knows their ids here and on the server. */
export const CloudMessagePersistence: typeof official.CloudMessagePersistence;
export type CloudMessagePersistence = official.CloudMessagePersistence;
/** Sends run reports, each at most once. */
export const CloudRunReporter: typeof official.CloudRunReporter;
export type CloudRunReporter = official.CloudRunReporter;
/** Stores messages in a format of the app's. */
export const createFormattedPersistence: typeof official.createFormattedPersistence;
/** A run report of what an app knows of a run. */
export const createRunReport: typeof official.createRunReport;
/** A tool call, as run reports have it. */
export const createRunTelemetryToolCall: typeof official.createRunTelemetryToolCall;
/** Collects the calls of a model from within tools. */
export const createSamplingCollector: typeof official.createSamplingCollector;
/** How a run ended, of its error and its reason to finish. */
export const deriveRunOutcome: typeof official.deriveRunOutcome;
/** An error's text, for a run report. */
export const describeRunError: typeof official.describeRunError;
/** The model that a message's metadata name. */
export const extractRunTelemetryModelId: typeof official.extractRunTelemetryModelId;
/** Has a thread titled and stores the title. */
export const generateThreadTitle: typeof official.generateThreadTitle;
/** Token counts, by the names that run reports have for them. */
export const normalizeRunTelemetryUsage: typeof official.normalizeRunTelemetryUsage;
/** A text, no longer than a run report may carry. */
export const truncateRunTelemetryText: typeof official.truncateRunTelemetryText;
/** A sampling handler that also collects what it does. */
export const wrapSamplingHandler: typeof official.wrapSamplingHandler;
