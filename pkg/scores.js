// @ts-check
/**
 * Scores of threads, messages and runs (contract 1.6, 21).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 */
import { CREATE_SCORE } from "./endpoint.js";
import { readEnum, readNullableNumber, readNullableString, readRecord, readString } from "./response.js";

/** A class, because the official one is exported as such. */
export class AssistantCloudScores {
  /** @param {Transport} transport */
  constructor({ request }) {
    /** @type {types.AssistantCloudScores["create"]} */
    this.create = async (body, options) => {
      const field = "score response";
      const response = readRecord(await request(CREATE_SCORE, { body, signal: options?.signal }), field);
      return {
        score_id: readString(response.score_id, `${field}.score_id`),
        name: readString(response.name, `${field}.name`),
        data_type: readEnum(response.data_type, `${field}.data_type`, ["numeric", "categorical", "boolean"]),
        value: readNullableNumber(response.value, `${field}.value`),
        string_value: readNullableString(response.string_value, `${field}.string_value`),
      };
    };
  }
}
