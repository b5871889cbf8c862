// @ts-check
/** What a person does in the chat. */
import { deflateSync } from "node:zlib";

import { until } from "./visitor.mjs";

/**
 * @import { Locator, Page, Request } from "playwright-core"
 * @import { Visitor } from "./visitor.mjs"
 */

/** Both clients, by what the page's address calls them. */
export const clients = /** @type {const} */ ([
  { name: "our client", query: "" },
  { name: "the official client", query: "?client=official" },
]);

/** What each page has asked the server for and not got yet. @type {WeakMap<Page, Set<Request>>} */
const underWay = new WeakMap();

/** Opens the chat in a tab. @param {Visitor} visitor @param {string} [place] the rest of its address */
export async function enter(visitor, place = "") {
  const page = await visitor.tab(`/chat/${place}`);
  /** @type {Set<Request>} */
  const requests = new Set();
  underWay.set(page, requests);
  page.on("request", (request) => request.url().includes("/v1/") && requests.add(request));
  // Not when the body has arrived as well: of an upload's answer nobody reads it.
  page.on("response", (response) => requests.delete(response.request()));
  page.on("requestfailed", (request) => requests.delete(request));
  await ready(page);
  return page;
}

/** How often in a row a page must be seen at rest before it is taken to have no more to ask. */
const RESTS = 5;

/**
 * Waits until the server has answered everything, and the page has done with the answers: one that is busy may be about
 * to ask for more.
 *
 * @param {Page} page
 */
export async function saved(page) {
  const requests = underWay.get(page);
  let rests = 0;
  await until(async () => {
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 500 })));
    rests = requests && requests.size > 0 ? 0 : rests + 1;
    return rests > RESTS;
  }, "rest");
}

/** Waits until the conversations are there, and the one that is open with them. @param {Page} page */
export async function ready(page) {
  await page.getByLabel("Message", { exact: true }).waitFor();
  await until(async () => (await page.locator(".threads-ghosts, .messages-ghosts").count()) === 0, "what is being loaded");
}

/** @param {Page} page */
export async function reload(page) {
  await page.reload();
  await ready(page);
}

/** Says something and waits for the whole answer. @param {Page} page @param {string} words */
export async function say(page, words) {
  const before = await page.locator(".from-assistant").count();
  await page.getByLabel("Message", { exact: true }).fill(words);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".from-assistant").nth(before).waitFor();
  await answered(page);
}

/** Waits until the last answer is whole. @param {Page} page */
export async function answered(page) {
  await page.locator('.from-assistant[data-status="complete"]').last().waitFor();
  await until(async () => (await page.locator('.from-assistant[data-status="running"], .from-assistant[data-status="requires-action"]').count()) === 0, "the answer");
}

/** What is said in the conversation that is open, one line each. @param {Page} page @returns {Promise<string[]>} */
export const said = async (page) => {
  const texts = await page.locator(".message").evaluateAll((messages) =>
    messages.map((message) => [...message.querySelectorAll(".text, .tool")].map((part) => part.textContent).join(" ")),
  );
  return texts.map((text) => text.replaceAll(/\s+/g, " ").trim());
};

/** What the echo makes of it. @param {string} words @param {number} count @param {string} [received] */
export const echo = (words, count, received = "") => {
  const tool = `word_count${count} word${count === 1 ? "" : "s"}, ${[...words].length} characters`;
  return `${tool} You wrote ${count} word${count === 1 ? "" : "s"}.${received && ` ${received}`} ${words}`;
};

/** @param {Page} page @returns {Promise<string[]>} the titles in the list, newest first */
export const conversations = (page) => page.getByRole("list", { name: "Active" }).locator(".row-open").allInnerTexts();

/** @param {Page} page @param {string} title @returns {Locator} */
export const conversation = (page, title) => page.getByRole("button", { name: title, exact: true });

/** @param {Page} page @param {string} title */
export async function open(page, title) {
  await conversation(page, title).click();
  await page.getByRole("heading", { name: title, exact: true, level: 1 }).waitFor();
  await page.locator(".message").first().waitFor();
}

/** @param {Page} page */
export async function startNew(page) {
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("heading", { name: "What is on your mind?" }).waitFor();
}

/** Waits for the title that the server gives. @param {Page} page @returns {Promise<string>} */
export async function titled(page) {
  const heading = page.getByRole("heading", { level: 1 });
  await until(async () => (await heading.getAttribute("data-untitled")) === null, "a title");
  return heading.innerText();
}

/** @param {Page} page @param {string} title @param {"Rename" | "Archive" | "Bring back" | "Delete"} what */
export async function act(page, title, what) {
  await conversation(page, title).hover();
  await page.getByRole("button", { name: `${what} “${title}”` }).click();
}

/** @param {Page} page @param {string} name */
export async function signIn(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.getByText("Signed in as").waitFor();
  await ready(page);
}

/** @param {Page} page */
export async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("Anonymous visitor").waitFor();
  await ready(page);
}

/** @param {Page} page @param {{ name: string, mimeType: string, buffer: Buffer }[]} files */
export async function attach(page, files) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (await chooser).setFiles(files);
  for (const { name } of files) {
    await page.locator('.attachment[data-state="requires-action"]').filter({ hasText: name }).waitFor();
  }
}

/** A picture of one color. @param {number} width @param {number} height @param {[number, number, number]} color @returns {Buffer} */
export function png(width, height, color) {
  const rows = Buffer.concat(
    Array.from({ length: height }, () => Buffer.from([0, ...Array.from({ length: width }, () => color).flat()])),
  );
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  // Eight bits, red, green and blue.
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", size), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

/** @param {Buffer} bytes */
function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
