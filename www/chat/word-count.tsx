// The tool that the echo asks for. The page answers, also when it was reloaded in between: the question is stored.

import { useEffect } from "react";
import type { ToolCallMessagePart } from "@assistant-ui/react";
import { Icon } from "./icons.tsx";
import { countWords } from "./model.ts";
import type { WordCount } from "./model.ts";

/** Long enough to be seen, in milliseconds. */
const WORK = 250;

type Props = { part: ToolCallMessagePart & { addResult: (result: WordCount) => void } };

export function WordCountCall({ part }: Props) {
  const { args, addResult, toolName } = part;
  const result = part.result as WordCount | undefined;
  const text = typeof args["text"] === "string" ? args["text"] : "";
  const pending = result === undefined;

  useEffect(() => {
    if (!pending) return undefined;
    const timer = setTimeout(() => addResult(countWords(text)), WORK);
    return () => clearTimeout(timer);
    // Another function comes with every drawing; the call it answers stays the same.
  }, [pending, text, part.toolCallId]);

  return (
    <p className="tool" data-state={pending ? "pending" : "done"}>
      <Icon name="tool" />
      <code>{toolName}</code>
      <span>{pending ? "Counting" : `${amount(result.words, "word")}, ${amount(result.characters, "character")}`}</span>
    </p>
  );
}

const amount = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
