/** Attachments. */
import type { CallOptions } from "./auth.js";
import type { AssistantCloudThreads } from "./threads.js";
import type { OfficialFiles } from "./nominal.js";

/** A file to be uploaded. */
export interface GeneratePresignedUploadUrlBody {
  /** 1 to 255 characters. Its extension says what type the file is. */
  filename: string;
}

/** Where to upload it to. */
export interface GeneratePresignedUploadUrlResponse {
  success: boolean;
  /** Takes the bytes by `PUT`, up to 25 MiB, for 15 minutes. */
  signedUrl: string;
  /** When `signedUrl` stops working, as an ISO timestamp. */
  expiresAt: string;
  /** What goes into the message. Signed anew whenever the message is read. */
  publicUrl: string;
  /** The attachment's name in the store. Older servers send none. */
  key?: string;
}

/** An attachment, by one of its names. */
export type GeneratePresignedDownloadUrlBody = { key: string } | { url: string };

/** Where to read it. */
export interface GeneratePresignedDownloadUrlResponse {
  /** Answers `GET` without any header, for 15 minutes. */
  signedUrl: string;
  /** When `signedUrl` stops working, as an ISO timestamp. */
  expiresAt: string;
  key: string;
}

/** A PDF, as base64 or by its address. */
export interface PdfToImagesBody {
  file_blob?: string | undefined;
  file_url?: string | undefined;
}

/** Its pages. */
export interface PdfToImagesResponse {
  success: boolean;
  /** One picture for each page. */
  urls: string[];
  message: string;
}

/** Attachments. The methods reject like those of {@link AssistantCloudThreads}; status 503 on a server without a store. */
export interface AssistantCloudFiles extends OfficialFiles {
  /** Makes pictures of a PDF's pages. Status 501 on a server that cannot. */
  pdfToImages(body: PdfToImagesBody, options?: CallOptions): Promise<PdfToImagesResponse>;
  /** Leave to upload an attachment. Status 400 for a type of file that is not taken. */
  generatePresignedUploadUrl(
    body: GeneratePresignedUploadUrlBody,
    options?: CallOptions,
  ): Promise<GeneratePresignedUploadUrlResponse>;
  /** Leave to read an attachment. Status 404 for one that is not there. */
  generatePresignedDownloadUrl(
    body: GeneratePresignedDownloadUrlBody,
    options?: CallOptions,
  ): Promise<GeneratePresignedDownloadUrlResponse>;
}
