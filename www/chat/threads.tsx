// The conversations of one workspace.

import { AuiIf, ThreadListItemPrimitive, ThreadListPrimitive, useAuiState } from "@assistant-ui/react";
import type { AssistantRuntime, ThreadListItemState } from "@assistant-ui/react";
import { useRef, useState } from "react";
import type { FormEvent, KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { Confirm } from "./confirm.tsx";
import { Icon } from "./icons.tsx";
import type { IconName } from "./icons.tsx";
import type { Visit } from "./visit.ts";

type Props = { visit: Visit; runtime: AssistantRuntime };
type Thread = Pick<ThreadListItemState, "id" | "title" | "status">;

/** What can be done to a thread. Each says on the page when it failed, and resolves to whether it worked. */
type Actions = {
  open: (thread: Thread) => void;
  rename: (thread: Thread, title: string) => Promise<boolean>;
  shelve: (thread: Thread) => Promise<boolean>;
  remove: (thread: Thread) => void;
};

export function Threads({ visit, runtime }: Props) {
  const [doomed, setDoomed] = useState<{ thread: Thread; drawer: HTMLElement | null }>();
  const [announced, announce] = useState("");
  const list = useRef<HTMLElement>(null);
  const newThread = useRef<HTMLButtonElement>(null);

  const run = async (work: Promise<void>, done: string, outcome: string) => {
    try {
      await work;
      announce(done);
      return true;
    } catch (error) {
      visit.complain(error, outcome);
      return false;
    }
  };
  const item = ({ id }: Thread) => runtime.threads.getItemById(id);

  /** Hands the focus on when its thread goes, so that the keyboard does not fall back to the top of the page. */
  const keepFocus = (thread: Thread) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-thread]") ?? [])];
    const index = rows.findIndex((row) => row.dataset.thread === thread.id);
    const next = (rows[index + 1] ?? rows[index - 1])?.querySelector<HTMLElement>(".row-open");
    return () => (next?.isConnected ? next : newThread.current)?.focus();
  };

  /** A question closes the drawer it was asked in; whoever has answered wants to be back there. */
  const closeConfirm = () => {
    flushSync(() => setDoomed(undefined));
    doomed?.drawer?.showPopover();
  };

  const actions: Actions = {
    open: (thread) => void run(item(thread).switchTo({ unarchive: false }), "", "The conversation could not be opened."),
    rename: (thread, title) => run(item(thread).rename(title), `Renamed to ${title}.`, "It keeps its old name."),
    shelve: async (thread) => {
      const refocus = keepFocus(thread);
      const archived = thread.status === "archived";
      const work = archived ? item(thread).unarchive() : item(thread).archive();
      refocus();
      return run(work, `${archived ? "Brought back" : "Archived"} ${nameOf(thread)}.`, "It stays where it was.");
    },
    remove: (thread) => setDoomed({ thread, drawer: list.current?.closest<HTMLElement>(":popover-open") ?? null }),
  };

  return (
    <ThreadListPrimitive.Root className="threads-panel" role="navigation" aria-label="Conversations" ref={list as never}>
      <ThreadListPrimitive.New className="button primary new-thread" ref={newThread}>
        <Icon name="new" />
        New conversation
      </ThreadListPrimitive.New>
      <div className="threads-scroll">
        <State visit={visit} runtime={runtime} />
        <ul className="threads-list" aria-label="Active">
          <ThreadListPrimitive.Items>
            {({ threadListItem }) => <Row thread={threadListItem} actions={actions} />}
          </ThreadListPrimitive.Items>
        </ul>
        <AuiIf condition={(s) => s.threads.hasMore}>
          <ThreadListPrimitive.LoadMore className="button more">Load more</ThreadListPrimitive.LoadMore>
        </AuiIf>
        <Archived actions={actions} />
      </div>
      <p className="hidden" role="status">
        {announced}
      </p>
      {doomed && (
        <Confirm
          name={nameOf(doomed.thread)}
          onClose={closeConfirm}
          onConfirm={async () => {
            const refocus = keepFocus(doomed.thread);
            try {
              await item(doomed.thread).delete();
              closeConfirm();
              announce(`Deleted ${nameOf(doomed.thread)}.`);
              refocus();
              return "";
            } catch (error) {
              return visit.explain(error, "The conversation was not deleted.");
            }
          }}
        />
      )}
    </ThreadListPrimitive.Root>
  );
}

function State({ visit, runtime }: Props) {
  const loading = useAuiState((s) => s.threads.isLoading);
  const error = useAuiState((s) => s.threads.loadError);
  const empty = useAuiState((s) => s.threads.threadIds.length === 0);
  if (error !== undefined && !loading) {
    return (
      <div className="trouble">
        <p className="error" role="alert">
          {visit.explain(error, "The conversations could not be loaded.")}
        </p>
        <button className="button" type="button" onClick={() => void runtime.threads.reload()}>
          Try again
        </button>
      </div>
    );
  }
  if (!empty) return null;
  if (!loading) return <p className="empty">No conversations yet.</p>;
  return (
    <div className="threads-ghosts" aria-hidden="true">
      <span className="ghost" />
      <span className="ghost" />
      <span className="ghost" />
    </div>
  );
}

function Archived({ actions }: { actions: Actions }) {
  const count = useAuiState((s) => s.threads.archivedThreadIds.length);
  return (
    <AuiIf condition={(s) => s.threads.archivedThreadIds.length > 0}>
      <details className="archived">
        <summary>Archived ({count})</summary>
        <ul className="threads-list" aria-label="Archived">
          <ThreadListPrimitive.Items archived>
            {({ threadListItem }) => <Row thread={threadListItem} actions={actions} />}
          </ThreadListPrimitive.Items>
        </ul>
      </details>
    </AuiIf>
  );
}

function Row({ thread, actions }: { thread: Thread; actions: Actions }) {
  const [editing, setEditing] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  const name = nameOf(thread);
  const archived = thread.status === "archived";

  const close = () => {
    setEditing(false);
    // The button is there again once this has been drawn.
    requestAnimationFrame(() => edit.current?.focus());
  };

  return (
    <ThreadListItemPrimitive.Root render={<li />} className="thread" data-thread={thread.id}>
      {editing ? (
        <Rename thread={thread} onClose={close} onSave={(title) => actions.rename(thread, title)} />
      ) : (
        <>
          <ThreadListItemPrimitive.Trigger
            className="row-open"
            dir="auto"
            title={name}
            data-untitled={thread.title ? undefined : ""}
            onClick={(event) => {
              // Looking into an archived conversation is no reason to take it out of the archive.
              event.preventDefault();
              actions.open(thread);
            }}
          >
            {name}
          </ThreadListItemPrimitive.Trigger>
          <div className="row-tools">
            <Tool icon="rename" label={`Rename “${name}”`} title="Rename" onClick={() => setEditing(true)} ref={edit} />
            <Tool
              icon={archived ? "restore" : "archive"}
              label={`${archived ? "Bring back" : "Archive"} “${name}”`}
              title={archived ? "Bring back" : "Archive"}
              onClick={() => void actions.shelve(thread)}
            />
            <Tool icon="delete" label={`Delete “${name}”`} title="Delete" onClick={() => actions.remove(thread)} />
          </div>
        </>
      )}
    </ThreadListItemPrimitive.Root>
  );
}

type ToolProps = {
  icon: IconName;
  label: string;
  title: string;
  onClick: () => void;
  ref?: React.Ref<HTMLButtonElement>;
};

function Tool({ icon, label, title, onClick, ref }: ToolProps) {
  return (
    <button className="icon" type="button" aria-label={label} title={title} data-part={icon} onClick={onClick} ref={ref}>
      <Icon name={icon} />
    </button>
  );
}

type RenameProps = { thread: Thread; onClose: () => void; onSave: (title: string) => Promise<boolean> };

function Rename({ thread, onClose, onSave }: RenameProps) {
  const [title, setTitle] = useState(thread.title ?? "");
  const save = (event: FormEvent) => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted !== "" && wanted !== thread.title) void onSave(wanted);
    onClose();
  };
  const escape = (event: KeyboardEvent) => {
    // An input method uses Escape to drop its own suggestion; a drawer would take it as its own.
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onClose();
  };
  return (
    <form className="rename" onSubmit={save} onKeyDown={escape}>
      <input
        type="text"
        maxLength={255}
        autoComplete="off"
        aria-label="New title"
        dir="auto"
        autoFocus
        value={title}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button className="icon" type="submit" aria-label="Save" title="Save (Enter)">
        <Icon name="save" />
      </button>
      <button className="icon" type="button" aria-label="Cancel" title="Cancel (Esc)" onClick={onClose}>
        <Icon name="cancel" />
      </button>
    </form>
  );
}

/** The name as a person would say it. */
const nameOf = ({ title }: Thread) => title || "Untitled conversation";
