// @ts-check
/** The routes of the wire contract, as src/route.rs has them, which a test compares. `{}` stands for an id. */

export const CREATE_TOKEN = "POST /v1/auth/tokens";
export const CREATE_ANONYMOUS_TOKEN = "POST /v1/auth/tokens/anonymous";
export const REFRESH_TOKEN = "POST /v1/auth/tokens/refresh";
export const LIST_THREADS = "GET /v1/threads";
export const CREATE_THREAD = "POST /v1/threads";
export const GET_THREAD = "GET /v1/threads/{}";
export const UPDATE_THREAD = "PUT /v1/threads/{}";
export const DELETE_THREAD = "DELETE /v1/threads/{}";
export const CLAIM_THREADS = "POST /v1/threads/claim";
export const LIST_MESSAGES = "GET /v1/threads/{}/messages";
export const CREATE_MESSAGE = "POST /v1/threads/{}/messages";
export const UPDATE_MESSAGE = "PUT /v1/threads/{}/messages/{}";
export const RATE_MESSAGE = "POST /v1/threads/{}/messages/{}/feedback";
export const CREATE_RUN = "POST /v1/runs";
export const STREAM_RUN = "POST /v1/runs/stream";
export const SIGN_UPLOAD = "POST /v1/files/attachments/generate-presigned-upload-url";
export const SIGN_DOWNLOAD = "POST /v1/files/attachments/generate-presigned-download-url";
export const CONVERT_PDF = "POST /v1/files/pdf-to-images";
export const CREATE_EVENTS = "POST /v1/events";
export const CREATE_SCORE = "POST /v1/scores";
export const LIST_PROJECT_THREADS = "GET /v1/projects/threads";
export const LIST_PROJECT_MESSAGES = "GET /v1/projects/threads/{}/messages";

/**
 * The method and the path of a route.
 *
 * @param {string} endpoint
 * @param {unknown[]} ids those that the path names, in order
 */
export function lineOf(endpoint, ...ids) {
  const [method = "", path = ""] = endpoint.split(" ");
  return { method, path: path.replaceAll("{}", () => encodeURIComponent(`${ids.shift() ?? ""}`)) };
}
