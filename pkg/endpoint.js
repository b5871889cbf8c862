// @ts-check
/** The numbers by which the wire contract's routes are asked for (`Endpoint` in src/route.rs). */
import { endpointLine } from "./dist/assistant_cloud_bg.js";

export const CREATE_TOKEN = 3;
export const CREATE_ANONYMOUS_TOKEN = 4;
export const REFRESH_TOKEN = 5;
export const LIST_THREADS = 6;
export const CREATE_THREAD = 7;
export const GET_THREAD = 8;
export const UPDATE_THREAD = 9;
export const DELETE_THREAD = 10;
export const CLAIM_THREADS = 11;
export const LIST_MESSAGES = 12;
export const CREATE_MESSAGE = 13;
export const UPDATE_MESSAGE = 14;
export const RATE_MESSAGE = 16;
export const CREATE_RUN = 17;
export const STREAM_RUN = 18;
export const SIGN_UPLOAD = 19;
export const SIGN_DOWNLOAD = 20;
export const CONVERT_PDF = 21;
export const CREATE_EVENTS = 22;
export const CREATE_SCORE = 23;
export const LIST_PROJECT_THREADS = 29;
export const LIST_PROJECT_MESSAGES = 30;

/**
 * The method and the path of a route.
 *
 * @param {number} endpoint
 * @param {string} [id] what the path names
 * @param {string} [innerId] what it names within that
 * @returns {[method: string, path: string]}
 */
export function lineOf(endpoint, id = "", innerId = "") {
  return /** @type {[string, string]} */ (endpointLine(endpoint, `${id}`, `${innerId}`).split(" "));
}
