// Who is here. Signing in, signing out and the way back all end one visit and start another; everything on the page that
// belongs to a visit is drawn under its key, so React takes the whole of it away in the moment the next one is drawn.

import { readAnonymousRefreshToken } from "/package/index.js";
import { useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Choice } from "../clouds.js";
import { clientInAddress, goTo, placeInAddress } from "./address.ts";
import type { Place, Who } from "./address.ts";
import { Account } from "./account.tsx";
import { Room } from "./room.tsx";
import { Visit } from "./visit.ts";

type Props = {
  /** Whether the server lets visitors without an account in. */
  anonymous: boolean;
  /** Where this demo's backend hands out tokens; a deployed demo has none. */
  endpoint: string | null;
  unreachable: () => void;
  /** Says `return` when the server answers again. */
  returned: EventTarget;
};

type Present = { who: Who; visit: Visit; thread: string | undefined; key: number; visitorThreads: number };

const client = clientInAddress();

export function App({ anonymous, endpoint, unreachable, returned }: Props) {
  const [present, setPresent] = useState<Present>();
  const latest = useRef<Present>(undefined);
  const turn = useRef(0);

  const enter = useCallback(
    async ({ who, thread }: Place, how: "step" | "stay") => {
      turn.current += 1;
      const key = turn.current;
      const before = latest.current;
      const visitorThreads = before?.who === "anonymous" && who !== "anonymous" ? before.visit.threads : 0;
      before?.visit.end();
      latest.current = undefined;
      // At once, whoever comes next and however long that takes.
      if (before) flushSync(() => setPresent(undefined));
      goTo({ who, thread }, how);

      const visit = await Visit.start(choiceFor(who, endpoint), client, unreachable);
      if (key !== turn.current) return visit.end();
      latest.current = { who, visit, thread, key, visitorThreads };
      setPresent(latest.current);
    },
    [endpoint, unreachable],
  );

  const arrive = useCallback(
    (how: "step" | "stay") => {
      const place = placeInAddress();
      return enter(endpoint === null ? { ...place, who: "anonymous" } : place, how);
    },
    [enter, endpoint],
  );

  useEffect(() => {
    void arrive("stay");
    const moved = () => {
      // Another thread of the same person is the room's business.
      if (placeInAddress().who !== latest.current?.who) void arrive("stay");
    };
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, [arrive]);

  if (!present) return null;
  const { who, visit, thread, key, visitorThreads } = present;
  const account = (
    <Account
      who={who}
      canSignIn={endpoint !== null}
      onSignIn={(persona) => void enter({ who: persona, thread: undefined }, "step")}
      onSignOut={() => void enter({ who: "anonymous", thread: undefined }, "step")}
    />
  );
  return (
    <Room
      key={key}
      who={who}
      visit={visit}
      client={client}
      firstThread={thread}
      closed={who === "anonymous" && !anonymous}
      visitorThreads={readAnonymousRefreshToken(location.origin) === null ? 0 : visitorThreads}
      account={account}
      returned={returned}
      onChanged={() => void enter({ who, thread: undefined }, "stay")}
    />
  );
}

function choiceFor(who: Who, endpoint: string | null): Choice {
  return who === "anonymous" || endpoint === null ? { way: "anonymous" } : { way: "backend", persona: who, endpoint };
}
