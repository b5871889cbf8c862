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

  /** @returns {Promise<Health | null>} `null` when it is not ready */
  async check() {
    clearTimeout(this.#timer);
    const response = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (!response) {
      this.#isAway(navigator.onLine === false ? "You are offline" : "The server does not answer");
      return null;
    }
    if (!response.ok) {
      this.#isAway("The server is not ready; its log says why");
      return null;
    }
    this.#answers();
    return response.json().catch(() => null);
  }

  #answers() {
    this.#say("ready", "Server ready");
    if (this.#away) {
      this.#away = false;
      this.#onReturn();
    }
  }

  /** @param {string} words */
  #isAway(words) {
    this.#away = true;
    this.#say("away", words);
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
  try {
    const response = await fetch("/demo.json", { cache: "no-store" });
    const { backend } = await response.json();
    return typeof backend === "string" ? backend : null;
  } catch {
    return null;
  }
}
