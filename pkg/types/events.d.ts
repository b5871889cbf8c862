/** What users do. */
import type { AssistantCloudTelemetryConfig } from "./configuration.js";
import type { OfficialEvents } from "./nominal.js";

/** What happened. */
export type AssistantCloudEventKind =
  | "message_sent"
  | "message_edited"
  | "run_stopped"
  | "message_regenerated"
  | "message_copied"
  | "branch_switched"
  | "suggestions_shown"
  | "suggestion_clicked"
  | "attachment_added"
  | "attachment_failed"
  | "thread_switched"
  | "tool_approved"
  | "tool_rejected"
  | "speech_started"
  | "voice_started"
  | "error_shown";

/** Something that a user did. What breaks a limit below is left off; the rest of the event is sent. */
export interface AssistantCloudEvent {
  kind: AssistantCloudEventKind;
  /** Up to 48 characters, like the other ids. */
  thread_id?: string | undefined;
  message_id?: string | undefined;
  run_id?: string | undefined;
  /** An integer, 0 to 2147483647. */
  value?: number | undefined;
  /** Keys of 1 to 64 characters, strings of up to 256, finite numbers; up to 1024 bytes as JSON. All or nothing. */
  props?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * Events, sent in batches: of 20, after 2 s, and when the page is hidden or left. A batch that fails is tried
 * twice more, after 250 ms and 1000 ms; one on leaving is not. Nothing is sent while
 * {@link AssistantCloudTelemetryConfig.enabled} or {@link AssistantCloudTelemetryConfig.events} is `false`, nor in
 * the name of another user than the one it is about.
 */
export interface AssistantCloudEvents extends OfficialEvents {
  /** Notes an event. Never throws for what the server says. */
  track(event: AssistantCloudEvent): void;
  /** Sends what waits, once, and lets go of the page. */
  dispose(): void;
}

/** The class of `cloud.events`; the client makes its instance. */
export const AssistantCloudEvents: abstract new (...args: never) => AssistantCloudEvents;
