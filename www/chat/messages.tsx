// What one person and one echo say to each other.

import {
  ActionBarPrimitive,
  AuiIf,
  BranchPickerPrimitive,
  ComposerPrimitive,
  ErrorPrimitive,
  MessagePrimitive,
  useAuiState,
} from "@assistant-ui/react";
import { SentAttachment } from "./attachments.tsx";
import { Icon } from "./icons.tsx";
import { WORD_COUNT } from "./model.ts";
import type { Visit } from "./visit.ts";
import { WordCountCall } from "./word-count.tsx";

export function UserMessage({ visit }: { visit: Visit }) {
  return (
    <MessagePrimitive.Root className="message from-user" aria-label="You said" role="article">
      <div className="sent-attachments">
        <MessagePrimitive.Attachments>
          {({ attachment }) => <SentAttachment attachment={attachment} visit={visit} />}
        </MessagePrimitive.Attachments>
      </div>
      <div className="said">
        <AuiIf condition={(s) => s.message.content.some((part) => part.type === "text" && part.text !== "")}>
          <div className="bubble">
            <Parts />
          </div>
        </AuiIf>
        <ActionBarPrimitive.Root className="message-tools">
          <ActionBarPrimitive.Copy className="icon" aria-label="Copy" title="Copy">
            <Icon name="copy" />
          </ActionBarPrimitive.Copy>
          <ActionBarPrimitive.Edit className="icon" aria-label="Edit" title="Edit">
            <Icon name="rename" />
          </ActionBarPrimitive.Edit>
        </ActionBarPrimitive.Root>
      </div>
      <Branches />
    </MessagePrimitive.Root>
  );
}

export function EditedMessage() {
  return (
    <MessagePrimitive.Root className="message from-user editing" aria-label="You are changing" role="article">
      <ComposerPrimitive.Root className="edit">
        <ComposerPrimitive.Input className="edit-input" aria-label="Change your message" dir="auto" autoFocus />
        <div className="edit-actions">
          <ComposerPrimitive.Cancel className="button">Cancel</ComposerPrimitive.Cancel>
          <ComposerPrimitive.Send className="button primary">Send</ComposerPrimitive.Send>
        </div>
      </ComposerPrimitive.Root>
    </MessagePrimitive.Root>
  );
}

export function AssistantMessage() {
  const status = useAuiState((s) => s.message.status?.type);
  return (
    <MessagePrimitive.Root
      className="message from-assistant"
      aria-label="The echo said"
      role="article"
      data-status={status}
      aria-busy={status === "running"}
    >
      <Parts />
      <MessagePrimitive.Error>
        <ErrorPrimitive.Root className="error">
          <ErrorPrimitive.Message />
        </ErrorPrimitive.Root>
      </MessagePrimitive.Error>
      <AuiIf condition={(s) => s.message.status?.type === "incomplete" && s.message.status.reason === "cancelled"}>
        <p className="empty">Stopped.</p>
      </AuiIf>
      <AuiIf condition={(s) => s.message.status?.type !== "running" && s.message.status?.type !== "requires-action"}>
        <div className="message-foot">
          <Branches />
          <ActionBarPrimitive.Root className="message-tools">
            <ActionBarPrimitive.Copy className="icon" aria-label="Copy" title="Copy">
              <Icon name="copy" />
            </ActionBarPrimitive.Copy>
            <ActionBarPrimitive.Reload className="icon" aria-label="Answer again" title="Answer again">
              <Icon name="regenerate" />
            </ActionBarPrimitive.Reload>
            <Ratings />
          </ActionBarPrimitive.Root>
        </div>
      </AuiIf>
    </MessagePrimitive.Root>
  );
}

function Ratings() {
  const given = useAuiState((s) => s.message.metadata.submittedFeedback?.type);
  return (
    <>
      <ActionBarPrimitive.FeedbackPositive className="icon" aria-label="Good answer" title="Good answer" aria-pressed={given === "positive"}>
        <Icon name="better" />
      </ActionBarPrimitive.FeedbackPositive>
      <ActionBarPrimitive.FeedbackNegative className="icon" aria-label="Bad answer" title="Bad answer" aria-pressed={given === "negative"}>
        <Icon name="worse" />
      </ActionBarPrimitive.FeedbackNegative>
    </>
  );
}

function Parts() {
  return (
    <MessagePrimitive.Parts>
      {({ part }) => {
        if (part.type === "text") {
          return (
            <p className="text" dir="auto">
              {part.text}
            </p>
          );
        }
        if (part.type === "tool-call" && part.toolName === WORD_COUNT) return <WordCountCall part={part} />;
        return null;
      }}
    </MessagePrimitive.Parts>
  );
}

function Branches() {
  return (
    <BranchPickerPrimitive.Root className="branches" hideWhenSingleBranch role="group" aria-label="Versions">
      <BranchPickerPrimitive.Previous className="icon" aria-label="Previous version" title="Previous version">
        <Icon name="back" />
      </BranchPickerPrimitive.Previous>
      <span className="branch-number">
        <BranchPickerPrimitive.Number /> of <BranchPickerPrimitive.Count />
      </span>
      <BranchPickerPrimitive.Next className="icon" aria-label="Next version" title="Next version">
        <Icon name="forward" />
      </BranchPickerPrimitive.Next>
    </BranchPickerPrimitive.Root>
  );
}
