// Files: before they are sent, and after.

import { AttachmentPrimitive } from "@assistant-ui/react";
import type { Attachment } from "@assistant-ui/react";
import { useEffect, useState } from "react";
import { Icon } from "./icons.tsx";
import type { Visit } from "./visit.ts";

export function PendingAttachment({ attachment }: { attachment: Attachment }) {
  const { name, status, type, file } = attachment;
  const failed = status.type === "incomplete";
  const state = status.type === "running" ? "Uploading" : failed ? whyNot(status) : "Ready";
  return (
    <AttachmentPrimitive.Root className="attachment" data-state={status.type}>
      {type === "image" && file ? <Preview file={file} /> : <Icon name="file" />}
      <span className="attachment-words">
        <span className="attachment-name" title={name}>
          {name}
        </span>
        <span className="attachment-state" role={failed ? "alert" : "status"}>
          {state}
        </span>
      </span>
      <AttachmentPrimitive.Remove className="icon" aria-label={`Remove ${name}`} title="Remove">
        <Icon name="cancel" />
      </AttachmentPrimitive.Remove>
    </AttachmentPrimitive.Root>
  );
}

/** The runtime keeps no more of a refusal than a sentence with its status in it. */
function whyNot(status: { message?: string | undefined }): string {
  return /\b413\b/.test(status.message ?? "") ? "Larger than 25 MB" : "Not uploaded";
}

function Preview({ file }: { file: File }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url === undefined ? <span className="thumb" /> : <img className="thumb" src={url} alt="" />;
}

export function SentAttachment({ attachment, visit }: { attachment: Attachment; visit: Visit }) {
  const { name } = attachment;
  const image = attachment.content?.find((part) => part.type === "image");
  const file = attachment.content?.find((part) => part.type === "file");
  if (image) return <img className="sent-image" src={image.image} alt={name} loading="lazy" />;

  // What the address bar shows is good for a quarter of an hour, and leads nobody to what is in the message.
  const open = async () => {
    const tab = window.open("", "_blank");
    try {
      const { signedUrl } = await visit.cloud.files.generatePresignedDownloadUrl({ url: file?.data ?? "" });
      tab?.location.replace(signedUrl);
    } catch (error) {
      tab?.close();
      visit.complain(error, "The file could not be opened.");
    }
  };
  return (
    <button className="attachment sent" type="button" disabled={!file} onClick={() => void open()} title={`Open ${name}`}>
      <Icon name="file" />
      <span className="attachment-name">{name}</span>
    </button>
  );
}
