// @ts-check
/**
 * The stream that assistant-ui reads text from. A module of its own, and imported only when something streams:
 * see runs.js. It names what it takes of `assistant-stream`, so that a bundler leaves the rest out.
 */
import { AssistantStream, PlainTextDecoder } from "assistant-stream";

/** @param {Response} response */
export function decodePlainText(response) {
  return AssistantStream.fromResponse(response, new PlainTextDecoder());
}
