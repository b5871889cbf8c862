// Where the next message is written.

import { AuiIf, ComposerPrimitive } from "@assistant-ui/react";
import { PendingAttachment } from "./attachments.tsx";
import { Icon } from "./icons.tsx";

export function Composer() {
  return (
    <ComposerPrimitive.Root className="composer">
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
          maxRows={8}
          autoFocus
          unstable_insertNewlineOnTouchEnter
        />
        <div className="composer-tools">
          <ComposerPrimitive.AddAttachment className="icon" aria-label="Attach files" title="Attach files">
            <Icon name="attach" />
          </ComposerPrimitive.AddAttachment>
          <AuiIf condition={(s) => !s.thread.isRunning}>
            <ComposerPrimitive.Send className="icon send" aria-label="Send" title="Send (Enter)">
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
