// @ts-check
/** Attachments beside the official client: contract 1.6, 17 to 19. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { same, sameRefusals } from "./both.mjs";

const url = (/** @type {string} */ name) => `https://cloud.test/v1/files/${name}`;
const expiresAt = "2026-09-04T12:15:00.000Z";

describe("leave to upload", () => {
  const signed = { success: true, signedUrl: "https://s.test/put", expiresAt, publicUrl: "https://s.test/get" };
  /** @param {import("assistant-cloud").AssistantCloud} cloud */
  const call = ({ files }) => files.generatePresignedUploadUrl({ filename: "a/ü.png" });

  test("is asked for by the name of the file", async () => {
    const { request } = await same(signed, call, 201);
    assert.deepEqual([request.method, request.url, request.body], ["POST", url("attachments/generate-presigned-upload-url"), '{"filename":"a/ü.png"}']);
  });

  test("has a key, if the server is new enough", async () => {
    for (const stored of [signed, { ...signed, key: "attachments/p/x.png" }, { ...signed, success: false }]) {
      assert.deepEqual((await same({ ...stored, more: 1 }, call, 201)).value, stored);
    }
  });

  test("that breaks the contract is named", async () => {
    const field = '"presigned upload response';
    await sameRefusals([
      [`${field}": expected an object`, ""], [`${field}.success": expected a boolean`, {}], [`${field}.success": expected a boolean`, { ...signed, success: 1 }],
      [`${field}.signedUrl": expected a string`, { ...signed, signedUrl: null }], [`${field}.expiresAt": expected a string`, { ...signed, expiresAt: 0 }],
      [`${field}.publicUrl": expected a string`, { ...signed, publicUrl: {} }], [`${field}.key": expected a string`, { ...signed, key: null }],
    ], call);
  });

  test("is refused in the server's words", async () => {
    const error = "Attachments are not configured on this deployment";
    assert.equal((await same({ error }, call, 503)).code, error);
  });
});

describe("leave to download", () => {
  const signed = { signedUrl: "https://s.test/get", expiresAt, key: "attachments/p/x.png" };

  test("is asked for by key or by address", async () => {
    for (const body of [{ key: signed.key }, { url: "https://s.test/get" }]) {
      const { value, request } = await same({ ...signed, more: 1 }, ({ files }) => files.generatePresignedDownloadUrl(body));
      assert.deepEqual(value, signed);
      assert.deepEqual([request.method, request.url, request.body], ["POST", url("attachments/generate-presigned-download-url"), JSON.stringify(body)]);
    }
  });

  test("that breaks the contract is named", async () => {
    const field = '"presigned download response';
    await sameRefusals([
      [`${field}": expected an object`, ""], [`${field}.signedUrl": expected a string`, {}], [`${field}.expiresAt": expected a string`, { ...signed, expiresAt: null }],
      [`${field}.key": expected a string`, { ...signed, key: undefined }],
    ], ({ files }) => files.generatePresignedDownloadUrl({ key: "x" }));
  });
});

describe("pictures of a PDF", () => {
  const converted = { success: true, urls: ["https://s.test/1", "https://s.test/2"], message: "done" };

  test("are asked for by bytes or by address", async () => {
    for (const body of [{ file_blob: "AA==" }, { file_url: "https://x.test/a.pdf" }]) {
      const { value, request } = await same({ ...converted, more: 1 }, ({ files }) => files.pdfToImages(body));
      assert.deepEqual(value, converted);
      assert.deepEqual([request.method, request.url, request.body], ["POST", url("pdf-to-images"), JSON.stringify(body)]);
    }
  });

  test("that break the contract are named", async () => {
    const field = '"PDF conversion response';
    await sameRefusals([
      [`${field}": expected an object`, ""], [`${field}.success": expected a boolean`, {}], [`${field}.urls": expected an array`, { ...converted, urls: null }],
      [`${field}.urls[1]": expected a string`, { ...converted, urls: ["x", 42] }], [`${field}.message": expected a string`, { ...converted, message: null }],
    ], ({ files }) => files.pdfToImages({}));
  });

  test("may be more than a server can do", async () => {
    const { status, code } = await same({ error: "PDF conversion is not available" }, ({ files }) => files.pdfToImages({}), 501);
    assert.deepEqual([status, code], [501, "PDF conversion is not available"]);
  });
});
