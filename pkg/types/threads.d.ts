/** The threads of the workspace. */
import type { CallOptions } from "./auth.js";
import type { readAnonymousRefreshToken } from "../index.js";
import type { CloudAPIError, CloudAuthError, CloudResponseError } from "./errors.js";
import type { AssistantCloudThreadMessages } from "./messages.js";
import type { OfficialThreads } from "./nominal.js";

/** A thread. */
export interface CloudThread {
  /** `thread_0...` */
  id: string;
  /** The project that the workspace belongs to. */
  project_id: string;
  /** The workspace that owns the thread. */
  workspace_id: string;
  /** The title; empty when none is set. */
  title: string;
  /** When the last message was written. Lists are in this order, newest first. */
  last_message_at: Date;
  created_at: Date;
  updated_at: Date;
  is_archived: boolean;
  /** Your own id for the thread, or `null`. */
  external_id: string | null;
  /** Whatever was stored with the thread. */
  metadata: unknown;
}

/** Which threads to list. */
export interface CloudThreadListQuery {
  /** `true` for the archived threads, otherwise the others; never both. */
  is_archived?: boolean | undefined;
  /** How many at most, 1 to 100. Default 20. */
  limit?: number | undefined;
  /** The id of a thread to continue after. */
  after?: string | undefined;
}

/** A page of threads, newest first. */
export interface CloudThreadListResponse {
  threads: CloudThread[];
}

/** A thread to be made. */
export interface CloudThreadCreateBody {
  /** When its last message was written. */
  last_message_at: Date;
  /** 1 to 255 characters. */
  title?: string | undefined;
  /** An object of strings to store with the thread. */
  metadata?: unknown;
  /** Your own id for the thread, 1 to 255 characters. Need not be unique. */
  external_id?: string | undefined;
  /** With `external_id`: returns the oldest thread that has it, if there is one, instead of making another. */
  upsert?: boolean | undefined;
}

/** The thread that was made, or found. */
export interface CloudThreadCreateResponse {
  thread_id: string;
}

/** A change to a thread. What is left out stays. */
export interface CloudThreadUpdateBody {
  /** 1 to 255 characters. */
  title?: string | undefined;
  last_message_at?: Date | undefined;
  /** An object of strings; `null` clears it. */
  metadata?: unknown;
  is_archived?: boolean | undefined;
}

/** Whose threads to move here. */
export interface CloudThreadClaimBody {
  /** What {@link readAnonymousRefreshToken} returns. */
  refresh_token: string;
}

/** How that went. */
export interface CloudThreadClaimResponse {
  /** How many threads were moved; 0 when there were none, or not any more. */
  moved: number;
}

/**
 * The threads of the current workspace.
 *
 * Every method rejects with {@link CloudAPIError} when the server refuses, {@link CloudResponseError}
 * when its answer does not have the promised shape, {@link CloudAuthError} when there is no token to
 * ask with, and what `fetch` throws when the server could not be reached.
 */
export interface AssistantCloudThreads extends OfficialThreads {
  /** Their messages. Always the same object. */
  readonly messages: AssistantCloudThreadMessages;
  /** A page of threads, newest first. */
  list(query?: CloudThreadListQuery, options?: CallOptions): Promise<CloudThreadListResponse>;
  /** One thread. Status 404 when it does not exist or belongs to another workspace. */
  get(threadId: string, options?: CallOptions): Promise<CloudThread>;
  /** Makes a thread. */
  create(body: CloudThreadCreateBody, options?: CallOptions): Promise<CloudThreadCreateResponse>;
  /** Changes a thread. */
  update(threadId: string, body: CloudThreadUpdateBody, options?: CallOptions): Promise<void>;
  /**
   * Moves every thread of the anonymous identity behind `refresh_token` into this workspace, with ids and messages;
   * safe to repeat. Status 403 for an anonymous caller, and for a token that is not good.
   */
  claim(body: CloudThreadClaimBody, options?: CallOptions): Promise<CloudThreadClaimResponse>;
  /** Deletes a thread and its messages. */
  delete(threadId: string, options?: CallOptions): Promise<void>;
}
