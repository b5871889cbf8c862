// @ts-check
/** Markdown as the pages here are written in it. */

/** How long a line is at most. */
const WIDTH = 120;

/**
 * A table whose columns are numbers, but for the first.
 *
 * @param {(string | number)[][]} lines the first is the head
 */
export function table([head, ...lines]) {
  const rule = head.map((_, column) => (column ? "---:" : "---"));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * Breaks the lines of paragraphs and of lists anew. Figures are longer or shorter than what stands for them in a
 * template.
 *
 * @param {string} text
 */
export function reflow(text) {
  const blocks = text.split("\n\n").map((block) => {
    // A table, a heading, a picture.
    if (/^[|#!]/.test(block)) return block;
    return block.split(/\n(?=- |\d+\. )/).map(fill).join("\n");
  });
  return blocks.join("\n\n");
}

/** A paragraph or an item of a list. @param {string} block */
function fill(block) {
  const [mark] = /^(- |\d+\. )?/.exec(block) ?? [""];
  const lines = [""];
  for (const word of block.split(/\s+/).filter(Boolean)) {
    const line = lines[lines.length - 1];
    if (line.length + 1 + word.length > WIDTH) lines.push(" ".repeat(mark.length) + word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join("\n");
}

/** A number of three digits at least, in whole. @param {number} number */
export const whole = (number) => Math.round(number).toLocaleString("en");
