// @ts-check
/**
 * The figures as pictures: SVG that brings its own background, so that it is read on a light page and on a dark
 * one.
 */
import { MOST } from "./growth.mjs";

/** @import { Curve } from "./growth.mjs" */
/** @import { Result } from "./measure.mjs" */
/** @import { Figures } from "./report.mjs" */
/** @import { Point } from "./width.mjs" */

const STYLE = `
  .page { fill: #ffffff; } text { fill: #1f2328; font: 12px system-ui, sans-serif; } .faint { fill: #656d76; }
  .grid { stroke: #d0d7de; } .axis { stroke: #656d76; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .title { font-size: 14px; font-weight: 600; }
  .s0 { --c: #0969da; } .s1 { --c: #bc4c00; } .s2 { --c: #1a7f37; } .s3 { --c: #8250df; } .s4 { --c: #656d76; }
  .fill { fill: var(--c); } .line { stroke: var(--c); fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 5 4; }
  .target { stroke: #cf222e; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #8d96a0; }
    .grid { stroke: #30363d; } .axis { stroke: #8d96a0; } .target { stroke: #ff7b72; }
    .s0 { --c: #4493f8; } .s1 { --c: #f0883e; } .s2 { --c: #3fb950; } .s3 { --c: #ab7df8; } .s4 { --c: #8d96a0; }
  }`;

/** @param {string} text */
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** @param {number} number */
const n = (number) => String(Math.round(number * 10) / 10);

/** @param {number} x @param {number} y @param {string} text @param {string} [kind] */
const label = (x, y, text, kind = "") => `<text x="${n(x)}" y="${n(y)}" class="${kind}">${escape(text)}</text>`;

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {string} kind */
const stroke = (x1, y1, x2, y2, kind) =>
  `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" class="${kind}"/>`;

/** @param {number} width @param {number} height @param {string} title @param {string[]} parts */
function picture(width, height, title, parts) {
  const frame = `<rect class="page" width="${width}" height="${height}" rx="8"/>`;
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">
<title>${escape(title)}</title><style>${STYLE}
</style>
${[frame, label(16, 26, title, "title"), ...parts].join("\n")}
</svg>
`;
}

/** Bars: ours as a part of the peer's cost, with the target as a mark. @param {Result[]} results */
export function costPlot(results) {
  const [left, right, top, step] = [300, 610, 62, 24];
  const end = Math.max(1.25, ...results.map(({ ratio }) => Math.min(ratio, 2) + 0.1));
  const x = (/** @type {number} */ ratio) => left + (Math.min(ratio, end) / end) * (right - left);
  const bottom = top + results.length * step;
  const bars = results.flatMap(({ row, sides, ratio }, index) => {
    const y = top + index * step;
    const peer = sides[row.peer ?? "hono"];
    const costs = `${ratio.toFixed(2)} · ${Math.round(sides.ours.cpu)} / ${Math.round(peer.cpu)} µs`;
    return [
      label(left - 8, y + 14, row.title, "end"),
      `<rect x="${left}" y="${n(y + 3)}" width="${n(x(ratio) - left)}" height="${step - 8}" class="s0 fill"/>`,
      row.target === undefined ? "" : stroke(x(row.target), y, x(row.target), y + step - 2, "target"),
      label(right + 10, y + 14, costs),
    ];
  });
  return picture(780, bottom + 34, "CPU of a request: ours as a part of the peer's", [
    label(16, 46, "shorter is better; red: the target; right: ours / peer in microseconds", "faint"),
    stroke(x(1), top - 4, x(1), bottom, "axis"),
    ...bars,
    label(x(1), bottom + 18, "1 = Hono + jose", "faint middle"),
    label(left, bottom + 18, "0", "faint middle"),
  ]);
}

/** @typedef {{ name: string, kind: string, points: [number, number][] }} Series its points by x */

/**
 * Lines over a logarithmic axis.
 *
 * @param {{ title: string, about: string, across: string, series: Series[], marks?: [number, string][] }} chart
 */
function lines({ title, about, across, series, marks = [] }) {
  const [left, right, top, bottom] = [64, 500, 66, 300];
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((one, other) => one - other);
  const [first, last] = [Math.log(xs[0]), Math.log(xs[xs.length - 1])];
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)), ...marks.map(([y]) => y)) * 1.05;
  const unit = 10 ** Math.floor(Math.log10(most));
  const tick = [unit / 5, unit / 2, unit].find((size) => most / size <= 6) ?? unit * 2;
  const x = (/** @type {number} */ value) => left + ((Math.log(value) - first) / (last - first || 1)) * (right - left);
  const y = (/** @type {number} */ value) => bottom - (value / most) * (bottom - top);
  const ticks = Array.from({ length: Math.floor(most / tick) + 1 }, (_, index) => index * tick);
  return picture(780, 350, title, [
    label(16, 46, about, "faint"),
    ...ticks.flatMap((value) => [
      stroke(left, y(value), right, y(value), "grid"),
      label(left - 8, y(value) + 4, Number(value.toPrecision(3)).toLocaleString("en"), "end faint"),
    ]),
    ...xs.map((value) => label(x(value), bottom + 18, value.toLocaleString("en"), "middle faint")),
    label((left + right) / 2, bottom + 38, across, "middle faint"),
    ...marks.flatMap(([value, name]) => [
      stroke(left, y(value), right, y(value), "target"),
      label(right + 12, y(value) + 4, name),
    ]),
    ...series.flatMap(({ name, kind, points }, index) => {
      const [color] = kind.split(" ");
      const places = points.map(([at, value]) => [n(x(at)), n(y(value))]);
      const row = top + 76 + index * 20;
      return [
        `<polyline class="${kind} line" points="${places.join(" ")}"/>`,
        ...places.map(([cx, cy]) => `<circle class="${color} fill" cx="${cx}" cy="${cy}" r="3"/>`),
        stroke(right + 24, row, right + 48, row, `${kind} line`),
        label(right + 56, row + 4, name),
      ];
    }),
  ]);
}

/** Throughput over the number of workspaces. @param {Point[]} points */
export function widthPlot(points) {
  const series = (/** @type {"ours" | "remembering"} */ side, /** @type {"list" | "append"} */ what) =>
    points.map(({ workspaces, sides }) => /** @type {[number, number]} */ ([workspaces, sides[side]?.[what] ?? 0]));
  return lines({
    title: "Throughput over the number of workspaces",
    about: "requests per second on one machine, 16 connections",
    across: "workspaces",
    series: [
      { name: "ours, thread list", kind: "s0", points: series("ours", "list") },
      { name: "peer, thread list", kind: "s1", points: series("remembering", "list") },
      { name: "ours, append", kind: "s0 dashed", points: series("ours", "append") },
      { name: "peer, append", kind: "s1 dashed", points: series("remembering", "append") },
    ],
  });
}

/** Cost over the data. @param {Curve[]} curves */
export function growthPlot(curves) {
  return lines({
    title: "Cost of a request over the data behind it",
    about: "CPU, as a multiple of the cost over the least data",
    across: "threads in the workspace, or messages in the thread",
    marks: [[MOST, "the bound"]],
    series: curves.map(({ kind, sizes, cpu }, index) => ({
      name: kind,
      kind: `s${index % 5}${index >= 5 ? " dashed" : ""}`,
      points: sizes.map((size, at) => /** @type {[number, number]} */ ([size, cpu[at] / cpu[0]])),
    })),
  });
}

/** Every plot by its file's name. @param {Figures} figures @returns {Record<string, string>} */
export const plots = ({ results, widened, grown }) => ({
  "cost.svg": costPlot(results.filter(({ row }) => row.target !== undefined)),
  "width.svg": widthPlot(widened.points),
  "growth.svg": growthPlot([...grown.threads, ...grown.messages]),
});
