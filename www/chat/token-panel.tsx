// The token panel of the first demo, with its own code, beside the chat.

import { useEffect, useRef } from "react";
import { Token } from "../token.js";
import { addressWith } from "./address.ts";
import type { ClientName } from "./address.ts";
import type { Visit } from "./visit.ts";

type Props = { visit: Visit; client: ClientName; reload: () => Promise<void>; onChanged: () => void };

export function TokenPanel({ visit, client, reload, onChanged }: Props) {
  return (
    <>
      <section className="card" aria-label="Client">
        <fieldset className="chips small clients">
          <legend className="label">Client</legend>
          {(["ours", "official"] as const).map((name) => (
            <label className="chip" key={name}>
              <input
                type="radio"
                name="client"
                value={name}
                checked={client === name}
                onChange={() => location.assign(addressWith(name))}
              />
              <span>{name === "ours" ? "assistant-cloud-edge" : "assistant-cloud"}</span>
            </label>
          ))}
        </fieldset>
      </section>
      {visit.auth ? (
        <Ours visit={visit} auth={visit.auth} reload={reload} onChanged={onChanged} />
      ) : (
        <section className="card" aria-label="Token">
          <p className="empty">
            The official client keeps its token to itself: no state to show, no events to list. Everything else on this
            page works the same.
          </p>
        </section>
      )}
    </>
  );
}

type OursProps = Omit<Props, "client"> & { auth: NonNullable<Visit["auth"]> };

function Ours({ visit, auth, reload, onChanged }: OursProps) {
  const root = useRef<HTMLDivElement>(null);
  const needs = useRef({ reload, onChanged });
  useEffect(() => {
    needs.current = { reload, onChanged };
  });

  // React draws the empty panel once and never touches it again; what is written into it is the panel's own.
  useEffect(() => {
    if (!root.current) return;
    const load = () => void needs.current.reload();
    const token = new Token(root.current, {
      load,
      refresh: load,
      changed: () => needs.current.onChanged(),
      unreachable: visit.unreachable,
    });
    token.watch(auth);
    const detach = visit.attach(
      (what) => token.note(what),
      (error) => token.explains(error),
    );
    return () => {
      detach();
      token.close();
    };
  }, [visit, auth]);

  return (
    <div className="token-panel" ref={root}>
      <section className="card identity" aria-label="Token">
        <div className="countdown" data-state="asking">
          <div className="countdown-words">
            <p className="label" data-part="countdown-label">
              Asking for a token
            </p>
            <p className="clock" role="timer" data-part="clock">
              –:––
            </p>
          </div>
          <button className="button" type="button" data-part="renew" aria-disabled="true">
            Renew now
          </button>
          <div className="bar" aria-hidden="true">
            <div className="bar-fill" data-part="bar" />
          </div>
        </div>
        <p className="error" role="alert" data-part="identity-error" />
        <dl className="who">
          <div>
            <dt>User</dt>
            <dd data-part="user">
              <span className="ghost" />
            </dd>
          </div>
          <div>
            <dt>Workspace</dt>
            <dd data-part="workspace">
              <span className="ghost" />
            </dd>
          </div>
        </dl>
      </section>
      <section className="card" aria-labelledby="log-title">
        <h2 id="log-title">Token events</h2>
        <ol className="log" data-part="log" aria-labelledby="log-title" tabIndex={0} />
      </section>
      <section className="card" aria-labelledby="claims-title">
        <h2 id="claims-title">Claims</h2>
        <table className="claims" aria-labelledby="claims-title">
          <colgroup>
            <col className="claim-names" />
            <col />
          </colgroup>
          <tbody data-part="claims" />
        </table>
        <p className="empty" data-part="claims-empty">
          The token's claims appear here once it has arrived.
        </p>
      </section>
    </div>
  );
}
