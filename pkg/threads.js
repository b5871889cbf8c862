// @ts-check
/**
 * The threads of the workspace (contract 1.6, 4 to 9).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import {
  CLAIM_THREADS,
  CREATE_THREAD,
  DELETE_THREAD,
  GET_THREAD,
  LIST_THREADS,
  UPDATE_THREAD,
} from "./endpoint.js";
import { createMessages } from "./messages.js";
import {
  readArray,
  readBoolean,
  readInteger,
  readNullableString,
  readRecord,
  readString,
  readTimestamp,
} from "./response.js";

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {types.CloudThread}
 */
function decodeThread(value, field) {
  const row = readRecord(value, field);
  return {
    title: readNullableString(row.title, `${field}.title`) ?? "",
    last_message_at: readTimestamp(row.last_message_at, `${field}.last_message_at`),
    metadata: row.metadata,
    external_id: readNullableString(row.external_id, `${field}.external_id`),
    id: readString(row.id, `${field}.id`),
    project_id: readString(row.project_id, `${field}.project_id`),
    created_at: readTimestamp(row.created_at, `${field}.created_at`),
    updated_at: readTimestamp(row.updated_at, `${field}.updated_at`),
    workspace_id: readString(row.workspace_id, `${field}.workspace_id`),
    is_archived: readBoolean(row.is_archived, `${field}.is_archived`),
  };
}

/**
 * A page of threads, of the workspace or of the project.
 *
 * @param {Transport} transport
 * @param {string} endpoint
 * @param {string} field
 * @param {types.CloudThreadListQuery} [query]
 * @param {types.CallOptions} [options]
 * @returns {Promise<types.CloudThreadListResponse>}
 */
export async function listThreads({ request }, endpoint, field, query, options) {
  // As text, because a transport drops what is false, and the server's default is not the caller's word.
  const is_archived = query?.is_archived === undefined ? undefined : String(query.is_archived);
  const response = readRecord(await request(endpoint, { query: { ...query, is_archived }, signal: options?.signal }), field);
  const rows = readArray(response.threads, "threads");
  return { threads: rows.map((row, index) => decodeThread(row, `threads[${index}]`)) };
}

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudThreads>}
 */
export function createThreads(transport) {
  const { request } = transport;
  return {
    messages: createMessages(transport),

    list: (query, options) => listThreads(transport, LIST_THREADS, "thread list response", query, options),

    async get(threadId, options) {
      const response = readRecord(await request(GET_THREAD, { id: threadId, signal: options?.signal }), "thread response");
      return decodeThread(response.thread, "thread");
    },

    async create(body, options) {
      const response = readRecord(await request(CREATE_THREAD, { body, signal: options?.signal }), "thread create response");
      return { thread_id: readString(response.thread_id, "thread_id") };
    },

    update: (threadId, body, options) => request(UPDATE_THREAD, { id: threadId, body, signal: options?.signal }),

    async claim(body, options) {
      const response = readRecord(await request(CLAIM_THREADS, { body, signal: options?.signal }), "thread claim response");
      return { moved: readInteger(response.moved, "moved") };
    },

    delete: (threadId, options) => request(DELETE_THREAD, { id: threadId, signal: options?.signal }),
  };
}
