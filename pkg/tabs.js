// @ts-check
/**
 * What the tabs and workers of one origin do together: they take turns at asking for a token, hand it round, leave a
 * source in trouble alone, and end a session everywhere. Only code of the same origin can listen, and whoever runs code
 * there can do all that the page can.
 */
import { localStorageOrNull } from "./refresh-token.js";
import { weakly } from "./weak.js";

/** How long a tab waits for its turn, in ms: the one before it may be frozen. */
const TURN_MS = 10_000;
/** How long one that has been waiting listens for what the one before it was given, in ms. */
const LISTEN_MS = 300;
/** Without locks: how long a note in storage takes to be seen by the others, and how often one looks, in ms. */
const LOOK_MS = 50;

/**
 * @typedef {object} SharedToken
 * @property {string} token
 * @property {number} requestedAt when it was asked for, in ms; `NaN` when it may be older
 */

/**
 * @typedef {object} Member what a session does with what it hears
 * @property {(token: string, requestedAt: number) => void} share
 * @property {() => SharedToken | null} spare
 * @property {(until: number) => void} heardPause
 * @property {(reason: "otherTab") => void} leave
 */

/**
 * @typedef {object} Tabs
 * @property {<T>(isDone: () => boolean, run: () => Promise<T>) => Promise<T | void>} takeTurns runs `run` when no other
 *   tab runs its own, unless that has become needless
 * @property {(message: object) => void} send tells the others
 * @property {() => boolean} hasEnded whether another tab has ended the session since the last one that is known
 * @property {() => void} acknowledge that end
 * @property {() => void} signOut ends it in all of them
 * @property {() => void} close listens no more, until the next turn or `rejoin`
 * @property {() => void} rejoin listens again, and asks whether the session has ended meanwhile: storage may not say so
 *   yet
 */

/** @param {number} delay */
const sleep = (delay) => new Promise((resolve) => setTimeout(resolve, delay));

/**
 * @param {string} scope
 * @param {boolean} asksFirst whether it takes what the others have before it asks for a token of its own, where there
 *   is no storage
 * @param {Member} member held weakly, so that an open channel does not keep a client that the app has let go of
 * @returns {Tabs}
 */
export function joinTabs(scope, asksFirst, member) {
  const name = `assistant-cloud:session:${scope}`;
  const target = weakly(member);
  /** @type {BroadcastChannel | null} */
  let channel = null;

  // A server renders for many people, and has no tabs.
  const isAlone = () =>
    typeof document !== "object" && typeof (/** @type {any} */ (globalThis).importScripts) !== "function";

  /** @param {string} suffix */
  const read = (suffix) => {
    try {
      return localStorageOrNull()?.getItem(name + suffix) ?? "";
    } catch {
      return "";
    }
  };
  /** @param {string} suffix @param {string} value */
  const write = (suffix, value) => {
    try {
      localStorageOrNull()?.setItem(name + suffix, value);
    } catch {}
  };

  /** The number of the last end of the session that this tab knows of. Storage is slow to touch for the first time. @type {number | undefined} */
  let known;
  const ends = () => (known ??= Number(read("")));

  /** When this tab ceased to listen, in ms. @type {number | undefined} */
  let closedAt;

  const open = () => {
    if (channel || isAlone() || typeof BroadcastChannel !== "function") return;
    try {
      const opened = (channel = new BroadcastChannel(name));
      opened.onmessage = ({ data }) => {
        const heard = target.deref();
        if (!heard) return opened.close();
        try {
          const spare = data.ask && heard.spare();
          if (spare) send(spare);
          if (ends() >= data.since) send({ end: ends() });
          if (data.token) heard.share(data.token, data.requestedAt);
          if (data.retryAt) heard.heardPause(data.retryAt);
          if (data.end > ends()) {
            known = data.end;
            heard.leave("otherTab");
          }
        } catch {
          // Not what a session sends.
        }
      };
      // In Node a channel keeps the process alive.
      /** @type {any} */ (opened).unref?.();
    } catch {}
  };

  /** @param {any} message */
  const send = (message) => {
    open();
    channel?.postMessage(message);
  };

  /** @param {() => boolean} isDone */
  const listen = async (isDone) => {
    send({ ask: true });
    // By the clock: the timers of a hidden tab are slow.
    const until = Date.now() + LISTEN_MS;
    while (channel && !isDone() && Date.now() < until) await sleep(LOOK_MS / 5);
  };

  /**
   * @param {() => boolean} isDone
   * @param {() => Promise<void>} run
   */
  const queue = async (isDone, run) => {
    const locks = globalThis.navigator?.locks;
    const turn = async () => {
      await listen(isDone);
      if (!isDone()) await run();
    };
    // A worker has no storage to find an identity in; only the others can tell it whether there is one.
    const first = asksFirst && !localStorageOrNull() ? turn : run;
    if (locks) {
      const free = await locks.request(name, { ifAvailable: true }, async (lock) => lock && (await first(), true));
      if (!free) await locks.request(name, turn);
    } else if (localStorageOrNull()) await lease(isDone, run, turn);
    else await first();
  };

  /**
   * The same by a note in storage that names who is at it and until when. Two tabs can take it at once only within
   * the time that a note takes to be seen.
   *
   * @param {() => boolean} isDone
   * @param {() => Promise<void>} run
   * @param {() => Promise<void>} turn
   */
  const lease = async (isDone, run, turn) => {
    const mine = `${Math.random()}`;
    let waited = false;
    for (;;) {
      const [until] = read(":turn").split(" ");
      if (Number(until) > Date.now()) waited = true;
      else {
        write(":turn", `${Date.now() + TURN_MS} ${mine}`);
        await sleep(LOOK_MS);
        if (read(":turn").endsWith(mine)) break;
      }
      if (isDone()) return;
      await sleep(LOOK_MS);
    }
    await (waited ? turn : run)();
    if (read(":turn").endsWith(mine)) write(":turn", "");
  };

  return {
    takeTurns(isDone, run) {
      if (isAlone()) return run();
      open();
      ends();
      return new Promise((resolve, reject) => {
        let begun = false;
        const begin = async () => {
          if (begun) return;
          begun = true;
          clearTimeout(timer);
          await (isDone() ? Promise.resolve() : run()).then(resolve, reject);
        };
        const timer = setTimeout(begin, TURN_MS);
        // A browser that refuses the lock is done without.
        queue(() => begun || isDone(), begin).then(begin, begin);
      });
    },
    send,
    hasEnded: () => Number(read("")) > ends(),
    acknowledge: () => void (known = Math.max(ends(), Number(read("")))),
    signOut() {
      known = Math.max(Date.now(), ends() + 1);
      write("", `${known}`);
      send({ end: known });
    },
    close() {
      channel?.close();
      channel = null;
      closedAt = Date.now();
    },
    rejoin() {
      if (!channel) send({ since: closedAt });
    },
  };
}
