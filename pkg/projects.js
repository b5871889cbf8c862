// @ts-check
/**
 * The threads of every workspace of the project, for an API key (contract 1.6, 22).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { LIST_PROJECT_MESSAGES, LIST_PROJECT_THREADS } from "./endpoint.js";
import { listMessages } from "./messages.js";
import { listThreads } from "./threads.js";

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudProjects>}
 */
export function createProjects(transport) {
  return {
    threads: {
      list: (query, options) =>
        listThreads(transport, LIST_PROJECT_THREADS, "project thread list response", query, options),
      messages: {
        list: (threadId, query, options) =>
          listMessages(
            transport,
            LIST_PROJECT_MESSAGES,
            "project thread message list response",
            threadId,
            query,
            options,
          ),
      },
    },
  };
}
