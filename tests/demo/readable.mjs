// @ts-check
import assert from "node:assert/strict";

/** @import { Page } from "playwright-core" */

/**
 * No text runs out of the page, and all text meets WCAG AA against what is behind it.
 *
 * @param {Page} page
 */
export async function checkReadable(page) {
  const { overflow, faint } = await page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    /** @param {string} color @returns {[number, number, number, number]} */
    const parse = (color) => {
      if (!canvas) throw new Error("no canvas");
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    /** @param {Element | null} element @returns {[number, number, number, number]} */
    const behind = (element) => {
      for (; element; element = element.parentElement) {
        const color = parse(getComputedStyle(element).backgroundColor);
        if (color[3] > 0.99) return color;
      }
      return [255, 255, 255, 1];
    };
    /** @param {number[]} color */
    const luminance = ([r = 0, g = 0, b = 0]) => {
      const linear = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
    };
    /** @type {string[]} */
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim();
      if (!element || !text || !element.checkVisibility({ visibilityProperty: true }) || element.closest(":disabled")) continue;
      const pair = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
      const contrast = ((pair[0] ?? 0) + 0.05) / ((pair[1] ?? 0) + 0.05);
      if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${text}`);
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    return { overflow: scrollWidth - clientWidth, faint };
  });
  assert.deepEqual(faint, []);
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
}
