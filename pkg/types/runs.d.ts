/** Runs of a model. */
import type { CallOptions } from "./auth.js";
import type { AssistantStream } from "assistant-stream" with { "resolution-mode": "import" };
import type { AssistantCloudThreads } from "./threads.js";
import type { OfficialRuns } from "./nominal.js";

/** A call of a model from within a tool. Times are in milliseconds. */
export interface SamplingCallData {
  model_id?: string;
  input_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  cached_input_tokens?: number;
  duration_ms?: number;
}

/** A call of a tool. Times are milliseconds since the run began. */
export interface AssistantCloudRunReportToolCall {
  tool_name: string;
  tool_call_id: string;
  /** JSON, up to 50,000 characters, like `tool_result`. */
  tool_args?: string;
  tool_result?: string;
  tool_source?: "mcp" | "frontend" | "backend";
  start_ms?: number;
  end_ms?: number;
  sampling_calls?: SamplingCallData[];
}

/** What a model did for one message, by whom there is to tell. Times are milliseconds since the run began, costs US dollars. */
export interface CloudRunReportBody extends Omit<AssistantCloudRunReport, "outcome_type"> {
  /** Why it did not complete. */
  outcome_type?:
    | "rate_limited"
    | "validation_failed"
    | "provider_error"
    | "server_error"
    | "budget_denied"
    | "persistence_error"
    | "aborted"
    | "timeout"
    | "disconnected"
    | "length"
    | "content_filter";
}

/** A report that assistant-ui makes, which is not told of every way in which a run may end. */
export interface AssistantCloudRunReport {
  thread_id: string;
  status: "completed" | "incomplete" | "error";
  /** Why it did not complete. */
  outcome_type?: "aborted" | "disconnected" | "length" | "content_filter";
  /** The answer, a message of the thread. */
  message_id?: string;
  first_token_ms?: number;
  release?: string;
  environment?: string;
  /** Up to 20, of up to 64 characters. */
  tags?: string[];
  provider?: string;
  /** 32 lowercase hex digits make the report one with the trace of that id. */
  trace_id?: string;
  /** 16 hex digits. */
  root_span_id?: string;
  error_code?: string;
  /** Up to 2048 characters. */
  error?: string;
  total_steps?: number;
  tool_calls?: AssistantCloudRunReportToolCall[];
  steps?: {
    input_tokens?: number;
    output_tokens?: number;
    reasoning_tokens?: number;
    cached_input_tokens?: number;
    tool_calls?: AssistantCloudRunReportToolCall[];
    start_ms?: number;
    end_ms?: number;
    finish_reason?: string;
    input?: string;
  }[];
  input_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  cached_input_tokens?: number;
  cost_usd?: number;
  cost_details?: { input?: number; input_cached_tokens?: number; output?: number; total?: number };
  model_id?: string;
  /** The same as `provider`, for older servers. */
  provider_type?: string;
  duration_ms?: number;
  /** Up to 50,000 characters. */
  output_text?: string;
  /** Anything else, up to 16,384 bytes as JSON together with `metadata`. */
  attributes?: Record<string, unknown>;
  /** The older name of `attributes`. */
  metadata?: Record<string, unknown>;
}

/** What to make a title of. */
export interface CloudRunStreamBody {
  thread_id: string;
  assistant_id: "system/thread_title";
  /** The conversation so far, as assistant-ui has it; the first message of the user is enough. */
  messages: readonly unknown[];
}

/** How assistant-ui reaches an assistant by itself. Its later versions call the body with `{ threadId }`, and may. */
export interface CloudAssistantOptions {
  api: string;
  protocol?: "ui-message-stream";
  headers(): Promise<Record<string, string> & { Accept: string; "Aui-Sdk": string }>;
  body: { assistant_id: string; response_format: string; thread_id: string };
}

/** Runs. The methods reject like those of {@link AssistantCloudThreads}. */
export interface AssistantCloudRuns extends OfficialRuns {
  /**
   * The title of a thread, as text that streams. The server has stored it by the time the stream ends; a title
   * that is there already comes back unchanged.
   */
  stream(body: CloudRunStreamBody, options?: CallOptions): Promise<AssistantStream>;
  /** Stores a report of a run. */
  report(body: CloudRunReportBody, options?: CallOptions): Promise<{ run_id: string }>;
  /** For assistant-ui's own use. */
  __internal_getAssistantOptions(assistantId: string): CloudAssistantOptions;
}
