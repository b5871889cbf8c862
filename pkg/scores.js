// @ts-check
/**
 * Scores of threads, messages and runs (contract 1.6, 21).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 */
import { CREATE_SCORE } from "./endpoint.js";
import { readEnum, readFields, readNullableNumber, readNullableString, readString } from "./response.js";

/** @param {unknown} value @param {string} field */
const readDataType = (value, field) => readEnum(value, field, ["numeric", "categorical", "boolean"]);

/** A class, because the official one is exported as such. */
export class AssistantCloudScores {
  /** @param {Transport} transport */
  constructor({ request }) {
    /** @type {types.AssistantCloudScores["create"]} */
    this.create = async (body, options) => {
      const answer = await request(CREATE_SCORE, { body, signal: options?.signal });
      return readFields(answer, "score response", {
        score_id: readString,
        name: readString,
        data_type: readDataType,
        value: readNullableNumber,
        string_value: readNullableString,
      });
    };
  }
}
