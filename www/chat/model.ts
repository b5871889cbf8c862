// The model: an echo that runs in this page. It asks for a tool and goes on when the tool has answered, as a real one
// does, so that everything a conversation can store is stored.

import type { ChatModelAdapter, ThreadMessage } from "@assistant-ui/react";

/** Between two words, in milliseconds. */
const PACE = 22;

export const WORD_COUNT = "word_count";

export type WordCount = { words: number; characters: number };

export const echo: ChatModelAdapter = {
  async *run({ messages, abortSignal, unstable_getMessage }) {
    const question = messages.findLast(({ role }) => role === "user");
    const asked = question ? textOf(question) : "";
    const files = question?.role === "user" ? question.attachments.map(({ name }) => name) : [];

    const counted = resultIn(unstable_getMessage());
    if (asked !== "" && counted === undefined) {
      yield {
        content: [
          {
            type: "tool-call",
            toolCallId: crypto.randomUUID(),
            toolName: WORD_COUNT,
            args: { text: asked },
            argsText: JSON.stringify({ text: asked }),
          },
        ],
        status: { type: "requires-action", reason: "tool-calls" },
        metadata: { steps: [{}], custom: custom() },
      };
      return;
    }

    let said = "";
    if (!counted) yield { metadata: { custom: custom() } };
    for (const word of answer(asked, files, counted).split(/(?<=\s)/)) {
      await pause(PACE, abortSignal);
      said += word;
      yield { content: [{ type: "text", text: said }] };
    }
    yield { content: [{ type: "text", text: said }], metadata: { steps: [{}] } };
  },
};

/** What is stored with an answer: who gave it, and an id of its own, which the server takes for the run's as well. */
const custom = () => ({ modelId: "echo", traceId: crypto.randomUUID().replaceAll("-", "") });

/** The id that the model has given to an answer, in this page or as it is stored. */
export function traceOf(message: unknown): string | undefined {
  const { metadata } = message as { metadata?: { custom?: Record<string, unknown> } };
  const trace = metadata?.custom?.["traceId"];
  return typeof trace === "string" ? trace : undefined;
}

function answer(asked: string, files: readonly string[], counted: WordCount | undefined): string {
  const received = files.length > 0 ? `I have received ${list.format(files)}.` : "";
  if (!counted) return received || "There was nothing to echo.";
  const words = counted.words === 1 ? "1 word" : `${counted.words} words`;
  return [`You wrote ${words}. ${received}`.trim(), asked].join("\n\n");
}

const list = new Intl.ListFormat("en");

/** Words in any language, also in one that puts no spaces between them. */
export function countWords(text: string): WordCount {
  const words = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)];
  return { words: words.filter(({ isWordLike }) => isWordLike).length, characters: [...text].length };
}

export function textOf({ content }: Pick<ThreadMessage, "content">): string {
  return content.map((part) => (part.type === "text" ? part.text : "")).join("").trim();
}

function resultIn({ content }: ThreadMessage): WordCount | undefined {
  for (const part of content) if (part.type === "tool-call" && part.result !== undefined) return part.result as WordCount;
  return undefined;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
