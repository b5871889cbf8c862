// @ts-check
/**
 * Attachments, by addresses that are signed for a while, and pictures of PDFs (contract 1.6, 17 to 19).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CONVERT_PDF, SIGN_DOWNLOAD, SIGN_UPLOAD } from "./endpoint.js";
import { readArray, readBoolean, readFields, readString } from "./response.js";

/** @param {unknown} value @param {string} field */
const readStrings = (value, field) => readArray(value, field).map((item, index) => readString(item, `${field}[${index}]`));

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudFiles>}
 */
export function createFiles({ request }) {
  return {
    async pdfToImages(body, options) {
      const answer = await request(CONVERT_PDF, { body, signal: options?.signal });
      return readFields(answer, "PDF conversion response", { success: readBoolean, urls: readStrings, message: readString });
    },

    async generatePresignedUploadUrl(body, options) {
      const answer = await request(SIGN_UPLOAD, { body, signal: options?.signal });
      return readFields(answer, "presigned upload response", {
        success: readBoolean,
        signedUrl: readString,
        expiresAt: readString,
        publicUrl: readString,
        // Older servers send none.
        ...("key" in Object(answer) && { key: readString }),
      });
    },

    async generatePresignedDownloadUrl(body, options) {
      const answer = await request(SIGN_DOWNLOAD, { body, signal: options?.signal });
      return readFields(answer, "presigned download response", { signedUrl: readString, expiresAt: readString, key: readString });
    },
  };
}
