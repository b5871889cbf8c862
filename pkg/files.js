// @ts-check
/**
 * Attachments, by addresses that are signed for a while, and pictures of PDFs (contract 1.6, 17 to 19).
 *
 * @import * as types from "./index.js"
 * @import { Transport } from "./transport.js"
 * @import { Implementation } from "./types/nominal.js"
 */
import { CONVERT_PDF, SIGN_DOWNLOAD, SIGN_UPLOAD } from "./endpoint.js";
import { readArray, readBoolean, readRecord, readString } from "./response.js";

/**
 * @param {Transport} transport
 * @returns {Implementation<types.AssistantCloudFiles>}
 */
export function createFiles({ request }) {
  return {
    async pdfToImages(body, options) {
      const field = "PDF conversion response";
      const response = readRecord(await request(CONVERT_PDF, { body, signal: options?.signal }), field);
      return {
        success: readBoolean(response.success, `${field}.success`),
        urls: readArray(response.urls, `${field}.urls`).map((url, index) =>
          readString(url, `${field}.urls[${index}]`),
        ),
        message: readString(response.message, `${field}.message`),
      };
    },

    async generatePresignedUploadUrl(body, options) {
      const field = "presigned upload response";
      const response = readRecord(await request(SIGN_UPLOAD, { body, signal: options?.signal }), field);
      return {
        success: readBoolean(response.success, `${field}.success`),
        signedUrl: readString(response.signedUrl, `${field}.signedUrl`),
        expiresAt: readString(response.expiresAt, `${field}.expiresAt`),
        publicUrl: readString(response.publicUrl, `${field}.publicUrl`),
        // Older servers send none.
        ...("key" in response && { key: readString(response.key, `${field}.key`) }),
      };
    },

    async generatePresignedDownloadUrl(body, options) {
      const field = "presigned download response";
      const response = readRecord(await request(SIGN_DOWNLOAD, { body, signal: options?.signal }), field);
      return {
        signedUrl: readString(response.signedUrl, `${field}.signedUrl`),
        expiresAt: readString(response.expiresAt, `${field}.expiresAt`),
        key: readString(response.key, `${field}.key`),
      };
    },
  };
}
