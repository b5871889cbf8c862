// @ts-check
// One client per way in. Everything else on the page works the same whichever it is.

import { AssistantCloud, readAnonymousRefreshToken } from "/package/index.js";
import { BackendError } from "./reasons.js";

/**
 * @typedef {{ way: "anonymous" }
 *   | { way: "backend", persona: string, endpoint: string }
 *   | { way: "provider", token: string }} Choice
 *
 * @typedef {{ baseUrl: string, anonymous: true } | { baseUrl: string, authToken: () => Promise<string | null> }} CloudConfig
 */

const baseUrl = location.origin;

/**
 * @template [Cloud=AssistantCloud]
 * @param {Choice} choice
 * @param {(what: string) => void} tell what is being asked, for the list of events
 * @param {new (config: CloudConfig) => Cloud} [Client] another class with the same configuration
 * @returns {Cloud}
 */
export function cloudFor(choice, tell, Client = /** @type {any} */ (AssistantCloud)) {
  switch (choice.way) {
    case "anonymous":
      tell(
        readAnonymousRefreshToken(baseUrl)
          ? "Asked the server to continue this browser's identity"
          : "Asked the server for a new identity",
      );
      return new Client({ baseUrl, anonymous: true });

    case "backend":
      return new Client({
        baseUrl,
        authToken: () => {
          tell("Asked my backend for a token");
          return askMyBackend(choice.endpoint, choice.persona);
        },
      });

    case "provider":
      return new Client({
        baseUrl,
        authToken: async () => {
          tell("Handed over the provider's token");
          return choice.token;
        },
      });
  }
}

/** @param {string} endpoint @param {string} persona @returns {Promise<string>} */
async function askMyBackend(endpoint, persona) {
  const url = new URL("/api/assistant-token", endpoint);
  url.searchParams.set("as", persona);

  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { cache: "no-store" });
  } catch {
    throw new BackendError("The token endpoint does not answer. Is it still running beside the Worker?");
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok && typeof body.token === "string") return body.token;
  throw new BackendError(
    typeof body.error === "string" ? `The token endpoint says: ${body.error}.` : "The token endpoint gave no token.",
  );
}
