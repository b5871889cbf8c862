// Everything that belongs to one visit: its threads, its conversation, its token.

import { AssistantRuntimeProvider, useAui, useAuiState } from "@assistant-ui/react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { goTo, placeInAddress } from "./address.ts";
import type { ClientName, Who } from "./address.ts";
import { Conversation } from "./conversation.tsx";
import { Icon } from "./icons.tsx";
import { Keep } from "./keep.tsx";
import { useChat } from "./runtime.ts";
import { Threads } from "./threads.tsx";
import { TokenPanel } from "./token-panel.tsx";
import type { Visit } from "./visit.ts";

type Props = {
  who: Who;
  visit: Visit;
  client: ClientName;
  firstThread: string | undefined;
  /** Nobody gets in this way. */
  closed: boolean;
  /** How many conversations this browser's visitor had before signing in. */
  visitorThreads: number;
  account: ReactNode;
  returned: EventTarget;
  onChanged: () => void;
};

export function Room(props: Props) {
  return props.closed ? <Closed account={props.account} /> : <OpenRoom {...props} />;
}

function Closed({ account }: Pick<Props, "account">) {
  return (
    <div className="closed card">
      <h1>Sign in to chat</h1>
      <p>This server lets nobody in without an account.</p>
      {account}
    </div>
  );
}

function OpenRoom({ who, visit, client, firstThread, visitorThreads, account, returned, onChanged }: Props) {
  const moving = useRef(firstThread !== undefined);
  const [arriving, setArriving] = useState(firstThread !== undefined);
  const onThread = useCallback(
    (thread: string | undefined) => {
      // Nobody took a step when the page itself goes where its address says.
      goTo({ who, thread }, moving.current ? "stay" : "step");
      closeDrawers();
    },
    [who],
  );
  const runtime = useChat(visit, onThread);

  useEffect(() => {
    const follow = async () => {
      const place = placeInAddress();
      if (place.who !== who) return;
      const { threads } = runtime;
      moving.current = true;
      try {
        await (place.thread ? threads.switchToThread(place.thread, { unarchive: false }) : threads.switchToNewThread());
      } catch (error) {
        const gone = error instanceof Error && "status" in error && error.status === 404;
        if (gone) goTo({ who, thread: undefined }, "stay");
        visit.complain(error, "The conversation in the address could not be opened.", gone ? undefined : () => void follow());
      } finally {
        moving.current = false;
        setArriving(false);
      }
    };
    if (placeInAddress().thread) void follow();
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, [runtime, visit, who]);

  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <ThreadCount visit={visit} />
      <Reload returned={returned} />
      <div className="drawer side" id="threads-drawer" popover="auto" aria-label="Conversations">
        <Threads visit={visit} runtime={runtime} />
        {account}
      </div>
      <main className="card conversation">
        <Top arriving={arriving} />
        <Notices visit={visit} />
        {visitorThreads > 0 && <Keep visit={visit} runtime={runtime} count={visitorThreads} />}
        <Conversation visit={visit} arriving={arriving} />
      </main>
      <div className="drawer aside" id="token-drawer" popover="auto" aria-label="Token">
        <TokenPanel visit={visit} client={client} reload={() => runtime.threads.reload()} onChanged={onChanged} />
      </div>
    </AssistantRuntimeProvider>
  );
}

/** What is drawn beside the conversation on a wide page is drawn over it on a narrow one. */
function closeDrawers() {
  for (const drawer of document.querySelectorAll<HTMLElement>(".drawer:popover-open")) drawer.hidePopover();
}

function Top({ arriving }: { arriving: boolean }) {
  const title = useAuiState((s) => s.threadListItem.title);
  const isNew = useAuiState((s) => s.threadListItem.status === "new");
  return (
    <header className="top">
      <button className="icon only-narrow" type="button" popoverTarget="threads-drawer" aria-label="Conversations" title="Conversations">
        <Icon name="threads" />
      </button>
      <h1 className="top-title" dir="auto" data-untitled={title ? undefined : ""}>
        {arriving ? <span className="ghost" /> : title || (isNew ? "New conversation" : "Untitled conversation")}
      </h1>
      <button className="icon unless-wide" type="button" popoverTarget="token-drawer" aria-label="Token" title="Token">
        <Icon name="token" />
      </button>
    </header>
  );
}

function Notices({ visit }: { visit: Visit }) {
  const notices = useSyncExternalStore(visit.watch, () => visit.notices);
  return (
    <div className="notices" role="alert">
      {notices.map(({ id, words, retry }) => (
        <div className="error notice" key={id}>
          <p>{words}</p>
          {retry && (
            <button
              className="button"
              type="button"
              onClick={() => {
                visit.dismiss(id);
                retry();
              }}
            >
              Try again
            </button>
          )}
          <button className="icon" type="button" aria-label="Dismiss" title="Dismiss" onClick={() => visit.dismiss(id)}>
            <Icon name="cancel" />
          </button>
        </div>
      ))}
    </div>
  );
}

/** Keeps count of what the visitor would lose by signing in. */
function ThreadCount({ visit }: { visit: Visit }) {
  const count = useAuiState((s) => s.threads.threadIds.length + s.threads.archivedThreadIds.length);
  useEffect(() => {
    visit.threads = count;
  }, [visit, count]);
  return null;
}

/** Loads what could not be loaded, once the server is back. */
function Reload({ returned }: { returned: EventTarget }) {
  const aui = useAui();
  useEffect(() => {
    const again = () => {
      if (aui.threads.getState().loadError !== undefined) void aui.threads.reload();
    };
    returned.addEventListener("return", again);
    return () => returned.removeEventListener("return", again);
  }, [aui, returned]);
  return null;
}
