// @ts-check

// Often enough to feel immediate, seldom enough not to bother a server that is starting.
const RETRY_AFTER = 3_000;

/**
 * What the server says of itself. Fields this page does not know of are left alone.
 *
 * @typedef {{ ok: boolean, credentials?: string[] }} Health
 */

/** Whether the server answers, said in the masthead. While it does not, it is asked again and again. */
export class Server {
  #sign;
  #onReturn;
  #timer = 0;
  #away = false;

  /** @param {HTMLElement} sign @param {() => void} onReturn called when the server answers again */
  constructor(sign, onReturn) {
    this.#sign = sign;
    this.#onReturn = onReturn;
    addEventListener("offline", () => void this.check());
    addEventListener("online", () => void this.check());
  }

  /** @returns {Promise<Health | null>} `null` when it does not answer */
  async check() {
    clearTimeout(this.#timer);
    const health = await ask("/healthz");
    if (health?.ok) this.#answers();
    else this.#isAway();
    return health;
  }

  #answers() {
    this.#say("ready", "Server ready");
    if (this.#away) {
      this.#away = false;
      this.#onReturn();
    }
  }

  #isAway() {
    this.#away = true;
    this.#say("away", navigator.onLine === false ? "You are offline" : "The server does not answer");
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.check(), RETRY_AFTER);
  }

  /** @param {"ready" | "away"} state @param {string} words */
  #say(state, words) {
    this.#sign.dataset.state = state;
    if (this.#sign.textContent !== words) this.#sign.textContent = words;
  }
}

/** @returns {Promise<string | null>} the demo's token endpoint; a deployed demo has none */
export async function tokenEndpoint() {
  const demo = await ask("/demo.json");
  return typeof demo?.backend === "string" ? demo.backend : null;
}

/** @param {string} path @returns {Promise<any>} the JSON there, or `null` */
async function ask(path) {
  try {
    const response = await fetch(path, { cache: "no-store" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
