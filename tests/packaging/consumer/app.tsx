/** An app as assistant-ui's documentation has it. It names the official package only. */
import { createRoot } from "react-dom/client";
import {
  AssistantCloud,
  AssistantRuntimeProvider,
  ThreadListItemPrimitive,
  ThreadListPrimitive,
  useLocalRuntime,
} from "@assistant-ui/react";
import type { ChatModelAdapter } from "@assistant-ui/react";

const cloud = new AssistantCloud({ baseUrl: location.hash.slice(1), anonymous: true });
const echo: ChatModelAdapter = { run: async () => ({ content: [{ type: "text", text: "…" }] }) };

function App() {
  const runtime = useLocalRuntime(echo, { cloud });
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <ThreadListPrimitive.Root>
        <ThreadListPrimitive.Items components={{ ThreadListItem: Item }} />
      </ThreadListPrimitive.Root>
    </AssistantRuntimeProvider>
  );
}

function Item() {
  return (
    <ThreadListItemPrimitive.Root>
      <p>
        <ThreadListItemPrimitive.Title />
      </p>
    </ThreadListItemPrimitive.Root>
  );
}

await cloud.threads.create({ title: "Packed", last_message_at: new Date() });
createRoot(document.body.appendChild(document.createElement("main"))).render(<App />);
new MutationObserver(() => {
  const title = document.querySelector("main p")?.textContent;
  if (title) Object.assign(globalThis, { answer: { title, ours: "auth" in cloud && "state" in cloud.auth } });
}).observe(document.body, { childList: true, subtree: true, characterData: true });
