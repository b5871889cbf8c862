// @ts-check
/** Reading a body, as `request.rs` has it read. */

/**
 * Reads a body of at most `limit` bytes. A longer one is refused by its announced length, or where it passes the limit.
 *
 * @param {Request} request
 * @param {number} limit
 * @returns {Promise<Uint8Array | undefined>} undefined for one that is longer
 */
export async function readBody(request, limit) {
  const { body } = request;
  if (body === null) return new Uint8Array();
  const announced = request.headers.get("Content-Length");
  if (announced !== null && Number(announced) > limit) return;
  // The runtime lets no more through than was announced.
  if (announced !== null && Number(announced) >= 0) return new Uint8Array(await request.arrayBuffer());
  return readStream(/** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body), limit);
}

/**
 * Reads a stream of at most `limit` bytes.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 * @param {number} limit
 * @returns {Promise<Uint8Array | undefined>} undefined for one that is longer
 */
export async function readStream(stream, limit) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      // Whoever sends it may go on sending; nobody reads it.
      reader.cancel().catch(() => {});
      return;
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
