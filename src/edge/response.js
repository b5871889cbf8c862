// @ts-check
/** Responses, as `response.rs` has them made: everything in one call. */

/** @param {string} lines a header's name and its value by turns, a line each */
function pairs(lines) {
  const texts = lines.split("\n");
  /** @type {[string, string][]} */
  const pairs = [];
  for (let index = 0; index + 1 < texts.length; index += 2) pairs.push([texts[index], texts[index + 1]]);
  return pairs;
}

/**
 * @param {number} status
 * @param {string} headers
 * @param {string} body empty where there is none
 */
export function respond(status, headers, body) {
  return new Response(body || null, { status, headers: pairs(headers) });
}

/**
 * The same response with more headers; its body passes through unread.
 *
 * @param {Response} response
 * @param {string} headers
 */
export function extend(response, headers) {
  const extended = new Response(response.body, response);
  for (const [name, value] of pairs(headers)) extended.headers.set(name, value);
  return extended;
}
