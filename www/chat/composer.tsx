// Where the next message is written.

import { AuiIf, ComposerPrimitive, useAuiState } from "@assistant-ui/react";
import { PendingAttachment } from "./attachments.tsx";
import { Icon } from "./icons.tsx";

export function Composer() {
  // A message goes out with all of its files or not at all: the runtime would keep it back without a word.
  const waits = useAuiState((s) =>
    s.composer.attachments.some(({ status }) => status.type === "running" || status.type === "incomplete"),
  );
  return (
    <ComposerPrimitive.Root className="composer" onSubmit={(event) => waits && event.preventDefault()}>
      <ComposerPrimitive.AttachmentDropzone className="dropzone">
        <div className="attachments">
          <ComposerPrimitive.Attachments>
            {({ attachment }) => <PendingAttachment attachment={attachment} />}
          </ComposerPrimitive.Attachments>
        </div>
        <ComposerPrimitive.Input
          className="composer-input"
          id="message"
          aria-label="Message"
          placeholder="Say something"
          dir="auto"
          maxRows={8}
          autoFocus
          unstable_insertNewlineOnTouchEnter
        />
        <div className="composer-tools">
          <ComposerPrimitive.AddAttachment className="icon" aria-label="Attach files" title="Attach files">
            <Icon name="attach" />
          </ComposerPrimitive.AddAttachment>
          <AuiIf condition={(s) => !s.thread.isRunning}>
            <ComposerPrimitive.Send
              className="icon send"
              aria-label="Send"
              title={waits ? "A file is not uploaded" : "Send (Enter)"}
              disabled={waits}
            >
              <Icon name="send" />
            </ComposerPrimitive.Send>
          </AuiIf>
          <AuiIf condition={(s) => s.thread.isRunning}>
            <ComposerPrimitive.Cancel className="icon send" aria-label="Stop" title="Stop (Esc)">
              <Icon name="stop" />
            </ComposerPrimitive.Cancel>
          </AuiIf>
        </div>
      </ComposerPrimitive.AttachmentDropzone>
    </ComposerPrimitive.Root>
  );
}
