// @ts-check

/** The version of package.json, which a test compares. The server reads it from the `Aui-Sdk` header. */
export const VERSION = "0.2.3";
