// The messages of one thread, and where the next one is written.

import { ThreadPrimitive, useAuiState } from "@assistant-ui/react";
import { Composer } from "./composer.tsx";
import { Icon } from "./icons.tsx";
import { AssistantMessage, EditedMessage, UserMessage } from "./messages.tsx";
import type { Visit } from "./visit.ts";

const SUGGESTIONS = [
  "How many words does it take to say hello?",
  "Repeat after me: everything here is kept in my own Worker.",
  "Und wie viele Wörter hat dieser Satz?",
];

type Props = {
  visit: Visit;
  /** The conversation that the address names is still being looked for. */
  arriving: boolean;
};

export function Conversation({ visit, arriving }: Props) {
  const isLoading = useAuiState((s) => s.thread.isLoading && s.thread.messages.length === 0);
  const isNew = useAuiState((s) => s.thread.isEmpty && s.threadListItem.status === "new");
  return (
    <ThreadPrimitive.Root className="thread-room">
      <ThreadPrimitive.Viewport className="viewport" tabIndex={0} role="log" aria-label="Messages">
        {arriving || isLoading ? (
          <div className="messages-ghosts" aria-hidden="true">
            <span className="ghost" />
            <span className="ghost" />
          </div>
        ) : (
          isNew && <Welcome />
        )}
        <ThreadPrimitive.Messages>
          {({ message }) => {
            if (message.role === "assistant") return <AssistantMessage />;
            return message.composer.isEditing ? <EditedMessage /> : <UserMessage visit={visit} />;
          }}
        </ThreadPrimitive.Messages>
      </ThreadPrimitive.Viewport>
      <div className="below">
        <ThreadPrimitive.ScrollToBottom className="icon to-bottom" aria-label="To the latest message" title="To the latest message">
          <Icon name="down" />
        </ThreadPrimitive.ScrollToBottom>
        <Composer />
      </div>
    </ThreadPrimitive.Root>
  );
}

function Welcome() {
  return (
    <div className="welcome">
      <h2>What is on your mind?</h2>
      <p>
        An echo answers, right in this page. What you both say is kept in your workspace, and is here again after a
        reload.
      </p>
      <ul className="suggestions" aria-label="Suggestions">
        {SUGGESTIONS.map((prompt) => (
          <li key={prompt}>
            <ThreadPrimitive.Suggestion className="button" prompt={prompt} send>
              {prompt}
            </ThreadPrimitive.Suggestion>
          </li>
        ))}
      </ul>
    </div>
  );
}
