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
import { echo } from "./model.ts";
import type { Visit } from "./visit.ts";

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
          const { history, feedback } = given;
          if (!history || !feedback) return given;
          const watched = watchedHistory(history, visit, () => void aui.threads.reloadMainThread());
          const parentOf = (id: string) => {
            const { messages } = aui.thread.getState();
            return messages[messages.findIndex((message) => message.id === id) - 1]?.id ?? null;
          };
          return { ...given, history: watched, feedback: keptFeedback(feedback, watched, parentOf) };
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

function keptFeedback(
  feedback: FeedbackAdapter,
  history: ThreadHistoryAdapter,
  parentOf: (id: string) => string | null,
): FeedbackAdapter {
  return {
    submit: (given) => {
      feedback.submit(given);
      const { message, type } = given;
      if (message.role !== "assistant") return;
      const metadata = { ...message.metadata, submittedFeedback: { type } };
      // The rating itself is submitted. Whatever goes wrong from here is said where it happens.
      history.update?.({ parentId: parentOf(message.id), message: { ...message, metadata } })?.catch(() => {});
    },
  };
}
