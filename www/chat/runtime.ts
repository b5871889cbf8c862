// assistant-ui's own runtime for a local model, with its own adapters for a cloud. Around them only this: what fails is
// said on the page, and a rating is kept with the message, so that it is still there after a reload.

import { useMemo } from "react";
import {
  useAui,
  useCloudThreadListAdapter,
  useLocalRuntime,
  useRemoteThreadListRuntime,
} from "@assistant-ui/react";
import type {
  AssistantRuntime,
  FeedbackAdapter,
  RemoteThreadListAdapter,
  RuntimeAdapters,
  ThreadHistoryAdapter,
} from "@assistant-ui/react";
import type { CloudMessage } from "/package/index.js";
import { echo, traceOf } from "./model.ts";
import type { Visit } from "./visit.ts";

/** How many messages a server gives at once. */
const PAGE = 200;

export function useChat(visit: Visit, onThread: (id: string | undefined) => void): AssistantRuntime {
  const adapter = useWatchedAdapter(visit);
  return useRemoteThreadListRuntime({ adapter, runtimeHook: useEcho, allowNesting: true, onThreadIdChange: onThread });
}

function useEcho(): AssistantRuntime {
  return useLocalRuntime(echo);
}

function useWatchedAdapter(visit: Visit): RemoteThreadListAdapter {
  const adapter = useCloudThreadListAdapter({ cloud: visit.cloud });
  return useMemo(() => {
    const useCloudAdapters = adapter.unstable_useAdapters ?? (() => ({}));
    return {
      ...adapter,
      unstable_useAdapters: function useAdapters(): RuntimeAdapters {
        const adapters = useCloudAdapters();
        const aui = useAui();
        return useMemo(() => {
          const given: RuntimeAdapters = adapters ?? {};
          if (!given.history) return given;
          return {
            ...given,
            history: watchedHistory(given.history, visit, () => void aui.threads.reloadMainThread()),
            feedback: keptFeedback(visit, () => aui.threadListItem.getState().remoteId),
          };
        }, [adapters, aui]);
      },
    };
  }, [adapter, visit]);
}

function watchedHistory(history: ThreadHistoryAdapter, visit: Visit, reload: () => void): ThreadHistoryAdapter {
  const watch = <Result>(work: Promise<Result>, outcome: string, retry?: () => void) => {
    work.catch((error: unknown) => visit.complain(error, outcome, retry));
    return work;
  };
  return {
    load: () => watch(history.load(), "The messages could not be loaded.", reload),
    append: (item) => watch(history.append(item), "The last message is not saved."),
    update: async (item) => {
      if (history.update) await watch(history.update(item), "The last change to a message is not saved.");
    },
  };
}

/**
 * assistant-ui's own adapter looks for a message's id in the server under another key than it was noted under when the
 * message was saved, finds none and sends nothing (core 0.3.20); and a rating it has sent is not there after a reload.
 * So the answer is found by the id that the model has given it, rated, and the rating noted in it.
 */
function keptFeedback(visit: Visit, threadOf: () => string | undefined): FeedbackAdapter {
  const rate = async ({ message, type }: Parameters<FeedbackAdapter["submit"]>[0]) => {
    const thread = threadOf();
    const trace = traceOf(message);
    if (!thread || !trace) throw new Error("An answer without a thread or an id cannot be rated");
    const { messages } = visit.cloud.threads;
    const found = await findAnswer(visit, thread, trace);
    await messages.feedback(thread, found.id, { type });
    const { metadata } = found.content;
    const kept = { ...(typeof metadata === "object" ? metadata : {}), submittedFeedback: { type } };
    await messages.update(thread, found.id, { content: { ...found.content, metadata: kept } });
  };
  return {
    submit: (rating) => void rate(rating).catch((error: unknown) => visit.complain(error, "The rating is not saved.")),
  };
}

/** Page by page, from the latest one back. */
async function findAnswer({ cloud }: Visit, thread: string, trace: string): Promise<CloudMessage> {
  let after: string | undefined;
  for (;;) {
    const page = await cloud.threads.messages.list(thread, { format: "aui/v0", limit: PAGE, ...(after && { after }) });
    const found = page.messages.find(({ content }) => traceOf(content) === trace);
    if (found) return found;
    after = page.messages.at(-1)?.id;
    if (page.messages.length < PAGE) throw new Error("The answer is not stored");
  }
}
