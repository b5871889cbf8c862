// Asks before something that cannot be undone. The focus starts on the way out.

import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

type Props = {
  /** What goes. */
  name: string;
  /** Resolves to why it failed, or to nothing. */
  onConfirm: () => Promise<string>;
  onClose: () => void;
};

export function Confirm({ name, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [waiting, setWaiting] = useState(false);
  const [failure, setFailure] = useState("");

  useEffect(() => dialog.current?.showModal(), []);

  const confirmed = async () => {
    if (waiting) return;
    setWaiting(true);
    setFailure(await onConfirm());
    setWaiting(false);
  };

  // Outside of whatever asks: a drawer that closes would take the question with it.
  return createPortal(
    <dialog
      className="confirm"
      ref={dialog}
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onClose={onClose}
      // Leaving while the server decides would hide what came of it.
      onCancel={(event) => waiting && event.preventDefault()}
      onClick={(event) => event.target === event.currentTarget && !waiting && dialog.current?.close()}
    >
      <h2 id="confirm-title">Delete this conversation?</h2>
      <p id="confirm-text">
        <strong>{name}</strong> goes with everything in it. This cannot be undone.
      </p>
      <p className="error" role="alert">
        {failure}
      </p>
      <div className="confirm-actions">
        <button className="button" type="button" autoFocus aria-disabled={waiting} onClick={() => waiting || dialog.current?.close()}>
          Keep it
        </button>
        <button className="button danger" type="button" aria-disabled={waiting} onClick={() => void confirmed()}>
          Delete conversation
        </button>
      </div>
    </dialog>,
    document.body,
  );
}
