/** How messages and runs of the AI SDK are stored, as in `assistant-cloud/ai-sdk`. */
import type * as official from "assistant-cloud-official/ai-sdk" with { "resolution-mode": "import" };

export type { AISDKMessageLike, AISDKStorageFormat } from "assistant-cloud-official/ai-sdk" with { "resolution-mode": "import" };

/** The format of the AI SDK's messages: each is stored without its id. */
export const aiSDKV6FormatAdapter: typeof official.aiSDKV6FormatAdapter;

/** What a run report says of a run, read out of its messages; `null` when none is the assistant's. */
export const extractAISDKRunTelemetry: typeof official.extractAISDKRunTelemetry;
