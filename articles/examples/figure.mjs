// Draws the figures of articles as SVG: lines, bars and spans of time. Each article's figure.mjs reads that article's stored output
// with readOutput, and passes what it draws to write: two-writes-and-an-outbox/figure.mjs is a short example. The colours
// are custom properties of the page; static/css/figure.css has the other rules.
//
// On a phone 360 px wide a unit is 1 px, and the text 12.4 px. Wider screens magnify the drawing by up to 2.2 and set the text
// smaller in return, so whatever fits on a phone fits everywhere.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const width = 320;
const bar = 14; // height of a bar
/** Widths of signs in Schibsted Grotesk at 12.4 units, rounded up. */
const signWidths = [[/[ijl .,:;'’]/, 3.4], [/[frt1I()]/, 5], [/[-/acegksvxyzJL27–]/, 7], [/[mwMW%@]/, 10.9], [/[ACDGHKNOQUV…]/, 9.1], [/./, 7.6]];
/**
 * The colours by tone, as custom properties of the site: "hot" is for failures, "bar" for time and for what works, "ink" for a
 * neutral comparison, "line" for a remainder. Text on a bar has the tone of that bar.
 */
const colours = {
  ...Object.fromEntries(["ink", "quiet", "bar", "hot", "line", "hot-ground"].map((tone) => [tone, `var(--${tone})`])),
  "on-ink": "var(--ground)",
  "on-hot": "var(--ground)",
  "on-bar": "var(--bar-text)",
  "on-line": "var(--ink)",
};
/** The colours of bars and lines are too pale for texts. */
const textColours = { bar: "var(--accent)", line: colours.quiet };
const imageFolder = path.resolve(import.meta.dirname, "../images");

/** Returns the text of a file in the folder of the calling script: readOutput(import.meta.dirname, "output.txt"). */
export const readOutput = (folder, name) => readFileSync(path.join(folder, name), "utf8");

/**
 * Writes a chart to articles/images/. With --check on the command line it writes nothing, and throws if the stored figure differs
 * from the drawing: then somebody printed the output again and did not draw the figure again.
 */
export function write(name, { svg }) {
  const file = path.join(imageFolder, name);
  const stored = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (process.argv.includes("--check")) {
    if (stored !== svg) throw new Error(`articles/images/${name} is not what its script draws. Run ${process.argv[1]} without --check.`);
  } else if (stored !== svg) writeFileSync(file, svg);
  console.log(`articles/images/${name} shows the stored output.`);
}

/**
 * Returns a line chart, as `svg`. `lines` are [{ label, points: [[x, y], …], tone, labelAt, anchor, dots }]. A label is set above the end
 * of its line unless labelAt is [x, y] in the chart's own values. `x` and `y` are axes: { min, max, ticks: [1, 2], format, log }.
 * `marks` are vertical lines: [{ at, text, tone }]. Throws if a text does not fit.
 */
export function lineChart({ title, description, height = 170, x, y, lines, marks = [] }) {
  const yTicks = y.ticks.map((at) => [at, format(y, at)]);
  const left = Math.max(...yTicks.map(([, text]) => lengthOf(text))) + 6;
  const top = marks.length ? 38 : 20;
  const bottom = top + height;
  const toX = scale(x, left, width - 4);
  const toY = scale(y, bottom, top);
  const parts = yTicks.flatMap(([at, text]) => [line(0, toY(at), width, toY(at), at === y.min ? "quiet" : "line"), label(0, toY(at) - 4, text, "quiet")]);
  parts.push(...drawTicks(x, toX, bottom), ...drawMarks(marks, toX, top - 8, bottom));
  for (const { points, tone = "bar", dots } of lines) {
    const at = points.map(([px, py]) => `${round(toX(px))} ${round(toY(py))}`);
    if (points.length > 1) parts.push(`<path class="stroke" stroke="${colours[tone]}" d="M${at.join("L")}"/>`);
    if (dots) parts.push(`<path class="stroke dots" stroke="${colours[tone]}" d="M${at.join("h0M")}h0"/>`);
  }
  for (const { label: text, points, tone = "bar", labelAt, anchor = "end" } of lines) {
    const [px, py] = labelAt ?? points.at(-1);
    if (text) parts.push(label(toX(px), toY(py) - (labelAt ? 0 : 7), text, tone, anchor, "halo"));
  }
  return { svg: page(title, description, bottom + 20, parts) };
}

/**
 * Returns spans on one axis, as `svg`, a row for each of `rows`: [{ label, text, tone, spans: [{ from, to, tone, text }] }]. A row's label is
 * above its bars, or to their left with beside. Its text is at the right end of the label. `key` are the tones that need words: [[tone, words]]. A span's text is inside the span, behind it
 * or before it. `x` and `marks` are as in lineChart; without x.ticks there is no axis. Throws if a text does not fit.
 */
export function spanChart({ title, description, key = [], x, rows, marks = [], beside = false }) {
  const left = beside ? Math.max(...rows.map(({ label, spans }) => (spans.length ? lengthOf(label) : 0))) + 8 : 0;
  const toX = scale(x, left, width);
  const top = marks.length ? 22 : 0;
  const step = beside ? bar + 8 : bar + 29;
  const bottom = top + rows.length * step;
  const parts = drawMarks(marks, toX, top - 8, bottom, beside ? [] : rows.map((row, index) => ({ y: top + index * step + 3, lengths: [lengthOf(row.label), lengthOf(row.text ?? "")] })));
  for (const [index, row] of rows.entries()) {
    const y = top + index * step + (beside ? 4 : 19);
    const labelY = beside ? y + bar / 2 : y - 5;
    if (!beside && lengthOf(row.label) + lengthOf(row.text ?? "") > width) throw new Error(`The label "${row.label}" is too long.`);
    parts.push(label(0, labelY, row.label, "ink", "start", beside ? "middle" : "halo"));
    if (row.text) parts.push(label(width, labelY, row.text, row.tone ?? "quiet", "end", beside ? "middle" : "halo"));
    parts.push(...drawSpans(row.spans, toX, y, x.min));
  }
  if (x.ticks) parts.push(...drawTicks(x, toX, bottom + 4));
  const keys = drawKey(key);
  const shifted = keys.height ? [...keys.parts, `<g transform="translate(0 ${keys.height})">`, ...parts, "</g>"] : parts;
  return { svg: page(title, description, keys.height + (x.ticks ? bottom + 24 : bottom), shifted) };
}

/**
 * Returns a curve without texts, from border to border of the screen. `values` are one for each unit of the width, and as many units
 * high. Below `failing` the curve is hot. `field` is a span [from, to] with a pale ground.
 */
export function curve({ title, description, values, failing, field: [from, to] }) {
  const top = Math.max(...values) + 4;
  const isHot = (at) => Math.min(values[at], values[at + 1]) < failing;
  const paths = { bar: "", hot: "" };
  for (const at of values.keys()) {
    if (at + 1 === values.length) break;
    const tone = isHot(at) ? "hot" : "bar";
    if (at === 0 || isHot(at - 1) !== isHot(at)) paths[tone] += `M${at} ${top - values[at]}l`;
    paths[tone] += `${/l$/.test(paths[tone]) ? "" : " "}1 ${values[at] - values[at + 1]}`.replace(" -", "-");
  }
  const pale = `<path fill="${colours["hot-ground"]}" d="M${from} 0h${to - from}v${top}h-${to - from}z"/>`;
  const flat = / 1 0(?: 1 0)+/g; // one line instead of many
  const short = (d) => d.replace(flat, (run) => `h${run.length / 4}l`).replace(/l$|l(?=M)/g, "").replace(/l /g, "l");
  const strokes = Object.entries(paths).map(([tone, d]) => `<path class="stroke" stroke="${colours[tone]}" d="${short(d)}"/>`);
  return { svg: page(title, description, top + 2, [pale, ...strokes], values.length - 1) };
}

/** Returns a swatch with words for each [tone, words], and the height of these lines. */
function drawKey(key) {
  const swatch = 10;
  let [x, y] = [0, key.length ? 14 : 0];
  const parts = key.flatMap(([tone, words]) => {
    const needed = swatch + 5 + lengthOf(words);
    if (x > 0 && x + needed > width) [x, y] = [0, y + 18];
    const start = x;
    x += needed + 12;
    return [`<rect fill="${colours[tone]}" x="${round(start)}" y="${y - 10}" width="${swatch}" height="${swatch}"/>`, label(start + swatch + 5, y - swatch / 2, words, "ink", "start", "middle")];
  });
  return { parts, height: key.length ? y + 8 : 0 };
}

/** Returns bars that begin at 0: rows are [{ label, value, text, tone }], or { label, text, parts: [{ value, text, tone }] } for stacked ones. */
export function barChart({ x, rows, ...rest }) {
  const spansOf = ({ parts, ...part }) => {
    let to = 0;
    return (parts ?? [part]).map(({ value, ...span }) => ({ ...span, from: to, to: (to += value) }));
  };
  return spanChart({ ...rest, x: { min: 0, ...x }, rows: rows.map(({ label, ...row }) => ({ ...(row.parts && row), label, spans: spansOf(row) })) });
}

function drawSpans(spans, toX, y, min) {
  return spans.flatMap(({ from, to, text, tone = "bar" }, index) => {
    const [start, end] = [toX(from), toX(to)];
    const drawnWidth = from === to ? 0 : Math.max(round(end) - round(start), 1);
    const rect = `<rect fill="${colours[tone]}" x="${round(start)}" y="${y}" width="${drawnWidth}" height="${bar}"/>`;
    if (!text) return [rect];
    const needed = lengthOf(text) + 6;
    if (end - start >= needed) return [rect, label(start + 4, y + bar / 2, text, `on-${tone}`)];
    const next = spans[index + 1] ? toX(spans[index + 1].from) : width;
    if (next - end >= needed) return [rect, label(end + 4, y + bar / 2, text, tone, "start", "middle")];
    if (start - toX(index ? spans[index - 1].to : min) >= needed) return [rect, label(start - 4, y + bar / 2, text, tone, "end", "middle")];
    throw new Error(`There is no place for the text "${text}" beside its span.`);
  });
}

function drawTicks(axis, toX, y) {
  let free = 0;
  const labels = axis.ticks.map((at) => {
    const [x, text] = [toX(at), format(axis, at)];
    const start = Math.min(Math.max(x - lengthOf(text) / 2, 0), width - lengthOf(text));
    if (start < free) throw new Error(`The tick "${text}" overlaps the one before it.`);
    free = start + lengthOf(text);
    const [anchor, textX] = start === 0 ? ["start", 0] : free === width ? ["end", width] : ["middle", x];
    return label(textX, y + 17, text, "quiet", anchor);
  });
  const marks = axis.ticks.map((at) => `M${round(toX(at))} ${round(y)}v4`);
  return [`<path stroke="${colours.quiet}" d="${marks.join("")}"/>`, ...labels];
}

/**
 * A mark's text is to the right of its line, or to the left if it would reach the next one or the border. The line is interrupted by
 * the labels of rows: `labels` are their tops, and the lengths of the texts at both ends of that row.
 */
function drawMarks(marks, toX, top, bottom, labels = []) {
  return marks.flatMap(({ at, text, tone = "hot" }, index) => {
    const x = toX(at);
    const end = index + 1 < marks.length ? toX(marks[index + 1].at) - 4 : width;
    const fits = x + lengthOf(text) <= end;
    const free = index ? toX(marks[index - 1].at) + lengthOf(marks[index - 1].text) : 0;
    if (!fits && x - lengthOf(text) < free) throw new Error(`There is no place for the mark "${text}".`);
    const crossed = labels.filter(({ lengths: [left, right] }) => (x > 0 && x < left + 4) || x > width - right - 4);
    const starts = [top, ...crossed.map(({ y }) => y + bar + 2)]; // behind the bar
    const ends = [...crossed.map(({ y }) => y), bottom];
    return [...starts.map((start, at) => line(x, start, x, ends[at], tone)), label(x, top - 3, text, tone, fits ? "start" : "end")];
  });
}

function scale({ min, max, log }, from, to) {
  const place = log ? Math.log : Number;
  return (value) => from + ((place(value) - place(min)) / (place(max) - place(min))) * (to - from);
}

function page(title, description, height, parts, across = width) {
  return `<svg class="figure" xmlns="http://www.w3.org/2000/svg" width="704" height="${round((height * 704) / across)}" viewBox="0 0 ${across} ${round(height)}" role="img" aria-labelledby="t d">
<title id="t">${escape(title)}</title>
<desc id="d">${escape(description)}</desc>
${parts.join("\n")}
</svg>
`;
}

const format = (axis, at) => (axis.format ?? ((value) => value.toLocaleString("en")))(at);
const widthOf = (sign) => signWidths.find(([signs]) => signs.test(sign))[1];
const lengthOf = (text) => [...text].reduce((sum, sign) => sum + widthOf(sign), 0);
const round = Math.round; // the largest screen shows a unit as 2.2 px
const escape = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const line = (x1, y1, x2, y2, tone) => `<line stroke="${colours[tone]}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;

function label(x, y, text, tone, anchor = "start", more = "") {
  const start = { start: x, middle: x - lengthOf(text) / 2, end: x - lengthOf(text) }[anchor];
  if (start < -2 || start + lengthOf(text) > width + 2) throw new Error(`The text "${text}" reaches over the figure's border.`);
  const isMiddle = more === "middle" || tone.startsWith("on-"); // inside a bar or beside it
  return `<text${isMiddle ? ' dy=".35em"' : more && ` class="${more}"`} fill="${textColours[tone] ?? colours[tone]}" x="${round(x)}" y="${round(y)}"${anchor === "start" ? "" : ` text-anchor="${anchor}"`}>${escape(text)}</text>`;
}
