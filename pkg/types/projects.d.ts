/** The project's threads, whatever their workspace. */
import type { CallOptions } from "./auth.js";
import type { CloudMessageListQuery, CloudMessageListResponse } from "./messages.js";
import type { AssistantCloudThreads, CloudThreadListQuery, CloudThreadListResponse } from "./threads.js";
import type { OfficialProjects, OfficialProjectThreads, OfficialProjectThreadMessages } from "./nominal.js";

/**
 * What an API key may read of the whole project. The methods reject like those of {@link AssistantCloudThreads}:
 * with status 403 for any other credential, and 404 when the server has no such route.
 */
export interface AssistantCloudProjects extends OfficialProjects {
  /** The threads of every workspace. Always the same object. */
  readonly threads: AssistantCloudProjectThreads;
}

/** The threads of every workspace. */
export interface AssistantCloudProjectThreads extends OfficialProjectThreads {
  /** Their messages. Always the same object. */
  readonly messages: AssistantCloudProjectThreadMessages;
  /** A page of threads, newest first. */
  list(query?: CloudThreadListQuery, options?: CallOptions): Promise<CloudThreadListResponse>;
}

/** The messages of any workspace's thread. */
export interface AssistantCloudProjectThreadMessages extends OfficialProjectThreadMessages {
  /** A page of messages, newest first. */
  list(threadId: string, query?: CloudMessageListQuery, options?: CallOptions): Promise<CloudMessageListResponse>;
}
