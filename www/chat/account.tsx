// Who one is, and how to be someone else.

import { PERSONAS } from "./address.ts";
import type { Persona, Who } from "./address.ts";

type Props = {
  who: Who;
  canSignIn: boolean;
  onSignIn: (persona: Persona) => void;
  onSignOut: () => void;
};

export function Account({ who, canSignIn, onSignIn, onSignOut }: Props) {
  if (who !== "anonymous") {
    return (
      <section className="account" aria-label="You">
        <div>
          <p className="label">Signed in as</p>
          <p className="account-name">{PERSONAS[who]}</p>
        </div>
        <button className="button" type="button" onClick={onSignOut}>
          Sign out
        </button>
      </section>
    );
  }
  return (
    <section className="account" aria-label="You">
      <div>
        <p className="label">You are an</p>
        <p className="account-name">Anonymous visitor</p>
      </div>
      {canSignIn ? (
        <div className="sign-in" role="group" aria-labelledby="sign-in">
          <p className="label" id="sign-in">
            Sign in as
          </p>
          {Object.entries(PERSONAS).map(([persona, name]) => (
            <button key={persona} className="button" type="button" onClick={() => onSignIn(persona as Persona)}>
              {name}
            </button>
          ))}
        </div>
      ) : (
        <p className="hint">This server runs without the demo's token endpoint, so there is nobody to sign in as.</p>
      )}
    </section>
  );
}
