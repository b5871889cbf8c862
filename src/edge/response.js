// @ts-check
/** Responses, as `response.rs` has them made: everything in one call. */

/** @import { Reply } from "./errand.js" */

/** The most sets of headers that are kept; there is one for each origin and kind of answer. */
const CAPACITY = 256;

/**
 * Headers by their lines. Most answers have the headers of one before, and to copy these costs a quarter of making them.
 *
 * @type {Map<string, Headers>}
 */
const known = new Map();

/**
 * Sets headers.
 *
 * @param {Headers} headers
 * @param {string} lines a header's name and its value by turns, a line each
 */
function set(headers, lines) {
  const texts = lines.split("\n");
  for (let index = 0; index + 1 < texts.length; index += 2) headers.set(texts[index], texts[index + 1]);
}

/** @param {string} lines */
function kept(lines) {
  let headers = known.get(lines);
  if (!headers) {
    headers = new Headers();
    set(headers, lines);
    if (known.size >= CAPACITY) known.clear();
    // An Origin may be as long as a request's head.
    if (lines.length <= 2048) known.set(lines, headers);
  }
  return headers;
}

/**
 * @param {number} status
 * @param {string} usual headers that others have too
 * @param {string} own headers that only this one has
 * @param {BodyInit} body empty where there is none
 */
export function respond(status, usual, own, body) {
  const response = new Response(body === "" ? null : body, { status, headers: kept(usual) });
  if (own) set(response.headers, own);
  return response;
}

/**
 * The parts of a response, as an object gives them to the Worker. They cost less on the way than a response does.
 *
 * @param {number} status
 * @param {string} usual
 * @param {string} own
 * @param {Reply["body"]} body
 * @returns {Reply}
 */
export const reply = (status, usual, own, body) => ({ status, usual, own, body });

/**
 * The response of an object's parts.
 *
 * @param {Reply} parts
 * @param {string} usual headers beyond the object's
 * @param {string} own
 */
export function relay({ status, usual: stated, own: given, body }, usual, own) {
  const response = respond(status, `${usual}\n${stated}`, given, body);
  if (own) set(response.headers, own);
  return response;
}

/**
 * The same response with more headers; its body passes through unread.
 *
 * @param {Response} response
 * @param {string} lines
 */
export function extend(response, lines) {
  const extended = new Response(response.body, response);
  set(extended.headers, lines);
  return extended;
}
