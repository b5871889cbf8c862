// @ts-check
/**
 * Checks that an answer has the shape the contract promises (contract 1.2). Fields beyond it are dropped.
 */
import { CloudResponseError } from "./errors.js";

/**
 * The error of an answer that breaks the contract.
 *
 * @param {string} field
 * @param {string} expected
 */
export function broken(field, expected) {
  return new CloudResponseError(
    `Invalid Assistant Cloud response for "${field}": expected ${expected}`,
  );
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {Record<string, unknown>}
 */
export function readRecord(value, field) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw broken(field, "an object");
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * The fields of a record, each by its own reader.
 *
 * @template {Record<string, (value: unknown, field: string) => unknown>} Readers
 * @param {unknown} value
 * @param {string} field
 * @param {Readers} readers
 * @returns {{ [Name in keyof Readers]: ReturnType<Readers[Name]> }}
 */
export function readFields(value, field, readers) {
  const record = readRecord(value, field);
  const read = Object.entries(readers).map(([name, reader]) => [name, reader(record[name], `${field}.${name}`)]);
  return Object.fromEntries(read);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {unknown[]}
 */
export function readArray(value, field) {
  if (!Array.isArray(value)) throw broken(field, "an array");
  return value;
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {string}
 */
export function readString(value, field) {
  if (typeof value !== "string") throw broken(field, "a string");
  return value;
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {string}
 */
export function readNonEmptyString(value, field) {
  if (readString(value, field) === "") throw broken(field, "a non-empty string");
  return /** @type {string} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {string | null}
 */
export function readNullableString(value, field) {
  return value === null ? null : readString(value, field);
}

/**
 * @template {string} Choice
 * @param {unknown} value
 * @param {string} field
 * @param {readonly Choice[]} choices
 * @returns {Choice}
 */
export function readEnum(value, field, choices) {
  const text = /** @type {Choice} */ (readString(value, field));
  if (choices.includes(text)) return text;
  throw broken(field, `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {number | null}
 */
export function readNullableNumber(value, field) {
  if (value !== null && !Number.isFinite(value)) throw broken(field, "a number");
  return /** @type {number | null} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {number}
 */
export function readInteger(value, field) {
  if (!Number.isInteger(value)) throw broken(field, "an integer");
  return /** @type {number} */ (value);
}

/**
 * @param {unknown} value
 * @param {string} field
 * @returns {boolean}
 */
export function readBoolean(value, field) {
  if (typeof value !== "boolean") throw broken(field, "a boolean");
  return value;
}

/**
 * Only the canonical form, which is the one that survives a round trip through `Date`.
 *
 * @param {unknown} value
 * @param {string} field
 * @returns {Date}
 */
export function readTimestamp(value, field) {
  const date = new Date(typeof value === "string" ? value : NaN);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== value) {
    throw broken(field, "a canonical ISO timestamp");
  }
  return date;
}

/**
 * The body of a token endpoint.
 *
 * @param {Response} response
 * @param {string} field
 * @returns {Promise<Record<string, unknown>>}
 */
export async function readJson(response, field) {
  let value;
  try {
    value = await response.json();
  } catch {
    throw broken(field, "valid JSON");
  }
  return readRecord(value, field);
}
