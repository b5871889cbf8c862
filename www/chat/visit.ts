// One identity with one client, from signing in to signing out. Nothing outlives it.

import type { AssistantCloud } from "@assistant-ui/react";
import type { AssistantCloudAuth } from "/package/index.js";
import { cloudFor } from "../clouds.js";
import type { Choice } from "../clouds.js";
import { isUnreachable, reasonFor } from "../reasons.js";
import type { ClientName } from "./address.ts";

export type Notice = { id: number; words: string; retry: (() => void) | undefined };

const MOST_NOTICES = 3;

export class Visit {
  readonly cloud: AssistantCloud;
  /** The official client keeps its token to itself. */
  readonly auth: AssistantCloudAuth | undefined;
  /** What has gone wrong, for the person in front of the page. */
  notices: readonly Notice[] = [];
  /** Nobody answered: to be told to whoever watches the server. */
  readonly unreachable: () => void;
  /** How many threads there are, as far as the page knows. */
  threads = 0;

  #ended = false;
  #asked: string[] = [];
  #tell: ((what: string) => void) | undefined;
  #explains: (error: unknown) => boolean = () => false;
  #watchers = new Set<() => void>();
  #count = 0;

  constructor(cloud: AssistantCloud, auth: AssistantCloudAuth | undefined, unreachable: () => void) {
    this.cloud = cloud;
    this.auth = auth;
    this.unreachable = unreachable;
  }

  static async start(choice: Choice, client: ClientName, unreachable: () => void): Promise<Visit> {
    let visit: Visit | undefined;
    const early: string[] = [];
    const tell = (what: string) => void (visit ? visit.note(what) : early.push(what));
    if (client === "official") {
      const { AssistantCloud: Official } = await import("assistant-cloud");
      visit = new Visit(cloudFor(choice, tell, Official), undefined, unreachable);
    } else {
      const cloud = cloudFor(choice, tell);
      // Upstream's class has private members, which make a type of its own out of the same methods.
      visit = new Visit(cloud as unknown as AssistantCloud, cloud.auth, unreachable);
    }
    early.forEach((what) => visit.note(what));
    return visit;
  }

  /** Ends the visit. What is still on its way finds nobody. */
  end(): void {
    this.#ended = true;
    this.cloud.events.dispose();
    this.auth?.invalidate();
  }

  /** What is asked of the server for a token; kept until the token panel is there to list it. */
  note(what: string): void {
    if (this.#tell) this.#tell(what);
    else this.#asked.push(what);
  }

  /** The token panel takes over what is noted, and says which errors it explains already. */
  attach(tell: (what: string) => void, explains: (error: unknown) => boolean): () => void {
    this.#tell = tell;
    this.#explains = explains;
    this.#asked.splice(0).forEach(tell);
    return () => {
      this.#tell = undefined;
      this.#explains = () => false;
    };
  }

  explain(error: unknown, outcome: string): string {
    if (isUnreachable(error)) this.unreachable();
    return this.#explains(error) ? `${outcome} There is no token to ask with.` : `${outcome} ${reasonFor(error)}`;
  }

  /** Says that something failed, and what that means. */
  complain(error: unknown, outcome: string, retry?: () => void): void {
    this.say(this.explain(error, outcome), retry);
  }

  say(words: string, retry?: () => void): void {
    if (this.#ended) return;
    this.#count += 1;
    // The same trouble twice is one trouble, and an old one is no news.
    const others = this.notices.filter((notice) => notice.words !== words);
    this.#show([...others.slice(1 - MOST_NOTICES), { id: this.#count, words, retry }]);
  }

  dismiss(id: number): void {
    this.#show(this.notices.filter((notice) => notice.id !== id));
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #show(notices: readonly Notice[]): void {
    this.notices = notices;
    this.#watchers.forEach((watcher) => watcher());
  }
}
