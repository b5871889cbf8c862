// @ts-check
/**
 * Runs: the title of a thread, as text that streams, and reports of what a model did (contract 1.6, 15 and 16).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CREATE_RUN, STREAM_RUN } from "./endpoint.js";
import { broken, readRecord, readString } from "./response.js";

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudRuns>}
 */
export function createRuns({ headers, request, send, urlOf }) {
  return {
    __internal_getAssistantOptions(assistantId) {
      const body = { assistant_id: assistantId, response_format: "vercel-ai-data-stream/v1", thread_id: "unstable_todo" };
      return {
        api: urlOf(STREAM_RUN),
        protocol: "ui-message-stream",
        headers: async () => /** @type {any} */ ({ ...(await headers()), Accept: "text/plain" }),
        // An object up to version 0.2.2 of the official client, a function after it: this is both.
        body: Object.assign(async (/** @type {{ threadId?: string }} */ { threadId } = {}) => {
          if (threadId === undefined) throw new Error("Assistant Cloud runs need a thread");
          return { ...body, thread_id: threadId };
        }, body),
      };
    },

    async stream(body, options) {
      // Not a static import: a page that has no bundler could then not load the package at all, and every other
      // one would download a fifth more before its first token. It is on its way while the server thinks.
      const decoder = import("./plain-text-stream.js");
      // Awaited only once there is something to decode; until then its failure is nobody's.
      decoder.catch(() => {});
      const response = await send(STREAM_RUN, { headers: { Accept: "text/plain" }, body, signal: options?.signal });
      if (!response.body) throw broken("run stream", "a response body");
      try {
        checkPlainText(response.headers.get("content-type"));
        return (await decoder).decodePlainText(response);
      } catch (error) {
        await response.body.cancel().catch(() => {});
        throw error;
      }
    },

    async report(body, options) {
      const response = readRecord(await request(CREATE_RUN, { body, signal: options?.signal }), "run report response");
      return { run_id: readString(response.run_id, "run_id") };
    },
  };
}

/** @param {string | null} contentType */
function checkPlainText(contentType) {
  if (contentType?.split(";")[0]?.trim().toLowerCase() === "text/plain") return;
  const received = contentType ? `"${contentType}"` : "no Content-Type header";
  throw broken("run stream", `a "text/plain" content type, received ${received}`);
}
