// @ts-check
/**
 * What is left of an event when it goes out (contract 1.6, 20). A server refuses a batch for one bad event in
 * it, so whatever it would not take is left off first.
 *
 * @import * as types from "./index.js"
 */

/**
 * @param {types.AssistantCloudEvent} event
 * @returns {types.AssistantCloudEvent}
 */
export function trimEvent({ kind, thread_id, message_id, run_id, value, props }) {
  return {
    kind,
    ...(isId(thread_id) && { thread_id }),
    ...(isId(message_id) && { message_id }),
    ...(isId(run_id) && { run_id }),
    ...(isCount(value) && { value }),
    // Copied, because the app may change its own while the event waits.
    ...(areProps(props) && { props: { ...props } }),
  };
}

/** @param {string | undefined} id */
function isId(id) {
  return !!id && id.length <= 48;
}

/** @param {number | undefined} value */
function isCount(value) {
  return Number.isInteger(value) && /** @type {number} */ (value) >= 0 && /** @type {number} */ (value) < 2 ** 31;
}

/** @param {types.AssistantCloudEvent["props"]} props */
function areProps(props) {
  return (
    !!props &&
    Object.entries(props).every(([key, value]) => key.length > 0 && key.length <= 64 && isProp(value)) &&
    new TextEncoder().encode(JSON.stringify(props)).length <= 1024
  );
}

/** @param {unknown} value */
function isProp(value) {
  return typeof value === "string"
    ? value.length <= 256
    : typeof value === "boolean" || Number.isFinite(value);
}
