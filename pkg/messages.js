// @ts-check
/**
 * The messages of a thread (contract 1.6, 10 to 14).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CREATE_MESSAGE, LIST_MESSAGES, RATE_MESSAGE, UPDATE_MESSAGE } from "./endpoint.js";
import {
  readArray,
  readEnum,
  readInteger,
  readNullableString,
  readRecord,
  readString,
  readTimestamp,
} from "./response.js";

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {types.CloudMessage}
 */
function decodeMessage(value, field) {
  const row = readRecord(value, field);
  return {
    id: readString(row.id, `${field}.id`),
    parent_id: readNullableString(row.parent_id, `${field}.parent_id`),
    height: readInteger(row.height, `${field}.height`),
    created_at: readTimestamp(row.created_at, `${field}.created_at`),
    updated_at: readTimestamp(row.updated_at, `${field}.updated_at`),
    format: readString(row.format, `${field}.format`),
    content: /** @type {types.CloudMessage["content"]} */ (readRecord(row.content, `${field}.content`)),
    // A server from before there were external ids does not send them.
    ...("external_id" in row && {
      external_id: readNullableString(row.external_id, `${field}.external_id`),
    }),
  };
}

/**
 * A page of messages of a thread of the workspace, or of any thread of the project.
 *
 * @param {Transport} transport
 * @param {string} endpoint
 * @param {string} field
 * @param {string} threadId
 * @param {types.CloudMessageListQuery} [query]
 * @param {types.CallOptions} [options]
 * @returns {Promise<types.CloudMessageListResponse>}
 */
export async function listMessages({ request }, endpoint, field, threadId, query, options) {
  const response = readRecord(await request(endpoint, { id: threadId, query: { ...query }, signal: options?.signal }), field);
  const rows = readArray(response.messages, "messages");
  return { messages: rows.map((row, index) => decodeMessage(row, `messages[${index}]`)) };
}

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudThreadMessages>}
 */
export function createMessages(transport) {
  const { request } = transport;
  return {
    list: (threadId, query, options) =>
      listMessages(transport, LIST_MESSAGES, "thread message list response", threadId, query, options),

    async create(threadId, body, options) {
      const response = readRecord(
        await request(CREATE_MESSAGE, { id: threadId, body, signal: options?.signal }),
        "thread message create response",
      );
      return { message_id: readString(response.message_id, "message_id") };
    },

    update: (threadId, messageId, body, options) =>
      request(UPDATE_MESSAGE, { id: threadId, innerId: messageId, body, signal: options?.signal }),

    async feedback(threadId, messageId, { type, comment }, options) {
      // A blank comment is none; the server would refuse it.
      const body = { type, comment: comment?.trim() || undefined };
      const response = readRecord(
        await request(RATE_MESSAGE, { id: threadId, innerId: messageId, body, signal: options?.signal }),
        "thread message feedback response",
      );
      return {
        feedback_id: readString(response.feedback_id, "feedback_id"),
        type: readEnum(response.type, "type", ["positive", "negative"]),
        ...("comment" in response && { comment: readNullableString(response.comment, "comment") }),
      };
    },
  };
}
