// Who is here, in which thread, with which client: all of it in the page's address, so that a reload or a link leads to
// the same place. The fragment is the token page's, with a thread at its end; no server ever sees it.

export const PERSONAS = {
  alice: "Alice",
  "team-alice": "Alice, in the team",
  bob: "Bob",
  "team-bob": "Bob, in the team",
} as const;

export type Persona = keyof typeof PERSONAS;
export type Who = "anonymous" | Persona;
export type Place = { who: Who; thread: string | undefined };

export type ClientName = "ours" | "official";

export function clientInAddress(): ClientName {
  return new URLSearchParams(location.search).get("client") === "official" ? "official" : "ours";
}

/** The same page with the other client. */
export function addressWith(client: ClientName): string {
  return client === "official" ? `?client=official${location.hash}` : `${location.pathname}${location.hash}`;
}

export function placeInAddress(): Place {
  const [way = "", ...rest] = location.hash.slice(1).split("/");
  const [persona = ""] = rest;
  const signedIn = way === "backend" && persona in PERSONAS;
  const thread = (signedIn ? rest[1] : way === "anonymous" ? persona : "") || undefined;
  return { who: signedIn ? (persona as Persona) : "anonymous", thread };
}

/** `step`: the way back leads to where one was before. */
export function goTo({ who, thread }: Place, how: "step" | "stay"): void {
  const address = `#${who === "anonymous" ? who : `backend/${who}`}${thread ? `/${thread}` : ""}`;
  if (address === location.hash) return;
  if (how === "step") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
