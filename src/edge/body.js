// @ts-check
/** Reading a body, as `request.rs` has it read. */

/**
 * Reads a body whose length is known. The runtime lets no more through than was announced.
 *
 * @param {Request} request
 */
export const readWhole = (request) => request.arrayBuffer();

/**
 * Reads a body of at most `limit` bytes, whose length nobody has announced.
 *
 * @param {Request} request
 * @param {number} limit
 * @returns {Promise<ArrayBuffer | undefined>} undefined for one that is longer
 */
export async function readBounded(request, limit) {
  if (!request.body) return new ArrayBuffer();
  const reader = request.body.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks).arrayBuffer();
    length += value.length;
    if (length > limit) {
      // Whoever sends it may go on sending; nobody reads it.
      reader.cancel().catch(() => {});
      return;
    }
    chunks.push(value);
  }
}
