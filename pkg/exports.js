// @ts-check
/** What every entry exports beside the client: nothing of it needs the WASM, nor the way in which it comes. */
export { CloudAPIError, CloudAuthError, CloudConfigError, CloudResponseError } from "./errors.js";
export { AssistantCloudEvents } from "./events.js";
export { readAnonymousRefreshToken } from "./refresh-token.js";
export { AssistantCloudScores } from "./scores.js";

// The official package's own code, taken over by the build: a page without a bundler knows no package by its name.
export {
  CloudEngagementReporter,
  CloudMessagePersistence,
  CloudRunReporter,
  createFormattedPersistence,
  createRunReport,
  createRunTelemetryToolCall,
  createSamplingCollector,
  deriveRunOutcome,
  describeRunError,
  extractRunTelemetryModelId,
  generateThreadTitle,
  normalizeRunTelemetryUsage,
  truncateRunTelemetryText,
  wrapSamplingHandler,
} from "./dist/official.js";
