// Whoever chatted as a visitor and then signs in may take the conversations along.

import { readAnonymousRefreshToken } from "/package/index.js";
import type { AssistantRuntime } from "@assistant-ui/react";
import { useState } from "react";
import type { Visit } from "./visit.ts";

type Props = { visit: Visit; runtime: AssistantRuntime; count: number };

export function Keep({ visit, runtime, count }: Props) {
  const [state, setState] = useState<"asking" | "moving" | "left" | { moved: number }>("asking");

  const keep = async () => {
    setState("moving");
    try {
      const token = readAnonymousRefreshToken(location.origin);
      const { moved } = token === null ? { moved: 0 } : await visit.cloud.threads.claim({ refresh_token: token });
      await runtime.threads.reload();
      setState({ moved });
    } catch (error) {
      visit.complain(error, "The conversations stay where they were.");
      setState("asking");
    }
  };

  if (state === "left") return null;
  if (typeof state === "object") {
    return (
      <div className="offer" role="status">
        <p>{state.moved === 0 ? "There was nothing left to move." : `Kept: ${conversations(state.moved)} moved here.`}</p>
        <button className="button" type="button" onClick={() => setState("left")}>
          Good
        </button>
      </div>
    );
  }
  return (
    <div className="offer" role="status">
      <p>You had {conversations(count)} as a visitor. They can move here, with everything in them.</p>
      <div className="offer-actions">
        <button className="button primary" type="button" aria-disabled={state === "moving"} onClick={() => state === "asking" && void keep()}>
          Keep my conversations
        </button>
        <button className="button" type="button" onClick={() => setState("left")}>
          Leave them
        </button>
      </div>
    </div>
  );
}

const conversations = (count: number) => (count === 1 ? "1 conversation" : `${count} conversations`);
