/** The messages of a thread. */
import type { CallOptions } from "./auth.js";
import type { ReadonlyJSONObject } from "assistant-stream/utils" with { "resolution-mode": "import" };
import type { AssistantCloudThreads } from "./threads.js";
import type { OfficialThreadMessages } from "./nominal.js";

/** A message as it is stored. A thread's messages are a tree: edits and new answers make branches. */
export interface CloudMessage {
  /** `msg_0...` */
  id: string;
  /** The message that this one answers or follows; `null` for a first one. */
  parent_id: string | null;
  /** How many messages are above it; 0 for a first one. */
  height: number;
  created_at: Date;
  updated_at: Date;
  /** What kind of object `content` is: `aui/v0`, `ai-sdk/v6` and so on. */
  format: "aui/v0" | (string & {});
  /** The message itself, in that format. */
  content: ReadonlyJSONObject;
  /** Your own id for the message, or `null`. Absent when the server is from before there were any. */
  external_id?: string | null;
}

/** Which messages to list. */
export interface CloudMessageListQuery {
  /** The format wanted: where the server can, it converts what is stored in another. Otherwise as stored. */
  format?: string | undefined;
  /** How many at most, 1 to 200. Default 200. */
  limit?: number | undefined;
  /** The id of a message to continue after. */
  after?: string | undefined;
}

/** A page of messages, the deepest and newest first. */
export interface CloudMessageListResponse {
  messages: CloudMessage[];
}

/** A message to be stored. */
export interface CloudMessageCreateBody {
  /** The message that it answers or follows; `null` for a first one. */
  parent_id: string | null;
  /** 1 to 255 characters. */
  format: "aui/v0" | (string & {});
  /** At most 1 MiB as JSON; status 413 above that. */
  content: ReadonlyJSONObject;
  /**
   * Your own id for the message, 1 to 255 characters. Sent a second time it makes no second message but replaces
   * the content of the first; status 409 when that would change its role.
   */
  external_id?: string | undefined;
  /** The `external_id` of the parent, where you do not have its id. `parent_id` is then `null`. */
  parent_external_id?: string | undefined;
}

/** The message that was stored. */
export interface CloudMessageCreateResponse {
  message_id: string;
}

/** A change to a message. */
export interface CloudMessageUpdateBody {
  /** The whole content, in the format that the message has. */
  content: ReadonlyJSONObject;
}

/** What the user thinks of a message. */
export interface AssistantCloudThreadMessageFeedbackBody {
  type: "positive" | "negative";
  /** Up to 2000 characters. White space around it is cut off, and a blank one is not sent. */
  comment?: string | undefined;
}

/** The feedback as it is stored: one for each message and user. */
export interface AssistantCloudThreadMessageFeedbackResponse {
  feedback_id: string;
  type: "positive" | "negative";
  /** Also one that was given earlier, with the same rating. */
  comment?: string | null;
}

/** The messages of the current workspace's threads. The methods reject like those of {@link AssistantCloudThreads}. */
export interface AssistantCloudThreadMessages extends OfficialThreadMessages {
  /** A page of messages, newest first. Empty, and no error, for a thread that does not exist. */
  list(threadId: string, query?: CloudMessageListQuery, options?: CallOptions): Promise<CloudMessageListResponse>;
  /** Stores a message. Status 404 without its thread, 400 without its parent. */
  create(threadId: string, body: CloudMessageCreateBody, options?: CallOptions): Promise<CloudMessageCreateResponse>;
  /** Replaces a message's content. */
  update(threadId: string, messageId: string, body: CloudMessageUpdateBody, options?: CallOptions): Promise<void>;
  /** Rates a message, or changes the rating. */
  feedback(
    threadId: string,
    messageId: string,
    body: AssistantCloudThreadMessageFeedbackBody,
    options?: CallOptions,
  ): Promise<AssistantCloudThreadMessageFeedbackResponse>;
}
