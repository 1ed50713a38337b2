/**
 * Draws rows (rows.js) on a canvas over one time axis. Every meaning has a form besides its colour: what failed is hatched
 * and stands on top, what is ill is hatched, faults are solid bars with their text, lag is a line over its backlog's area.
 */

import { timeOfDay } from "./words.js";

const AXIS = 18;
const GAP = 4;
const FONT = '11.5px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
const COLOURS = ["ground", "raised", "ink", "dim", "line", "strong", "good", "bad", "warn", "cold", "accent", "link", "mark", "fault",
  "region-0", "region-1", "region-2", "region-3", "region-4", "region-5"];

/** The page's colours as they are now, light or dark. */
export function themeOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** Where everything is: the axis between `left` and `right`, each row's top, the height of all. */
export function layoutOf(rows, width, from, to) {
  const narrow = width < 640;
  const left = narrow ? 104 : 176;
  const right = width - (narrow ? 92 : 168);
  let top = AXIS;
  const tops = rows.map((row) => {
    const here = top;
    top += row.height + GAP;
    return here;
  });
  const x = (at) => left + ((at - from) / (to - from)) * (right - left);
  const time = (px) => from + (Math.min(right, Math.max(left, px)) - left) / (right - left) * (to - from);
  return { left, right, width, tops, height: top + 2, x, time, from, to };
}

/** A canvas of that size, sharp on this screen. */
export function fit(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = FONT;
  pen.textBaseline = "middle";
  return pen;
}

export function paint(pen, rows, layout, theme, { faults, began, regions }) {
  const { left, right, height } = layout;
  axis(pen, layout, theme, began);
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, right - left, height);
  pen.clip();
  pen.fillStyle = theme.mark;
  pen.globalAlpha = 0.55;
  for (const fault of faults) {
    const x = layout.x(fault.begin);
    pen.fillRect(x, AXIS, Math.max(1, layout.x(fault.end ?? layout.to) - x), height - AXIS);
  }
  pen.globalAlpha = 1;
  rows.forEach((row, index) => DRAW[row.kind](pen, row, layout.tops[index], layout, theme, regions));
  pen.restore();
  rows.forEach((row, index) => {
    pen.fillStyle = row.dim ? theme.dim : theme.ink;
    pen.textAlign = "right";
    pen.fillText(clipped(pen, row.label, left - 10), left - 8, layout.tops[index] + row.height / 2);
  });
}

/** A text as long as there is room for. */
export function clipped(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 1 && pen.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

function axis(pen, { left, right, x, from, to, height }, theme, began) {
  const step = [5, 10, 30, 60, 120, 300, 600, 1800, 3600].find((one) => (to - from) / one <= (right - left) / 90) ?? 7200;
  pen.strokeStyle = theme.line;
  pen.fillStyle = theme.dim;
  pen.lineWidth = 1;
  pen.textAlign = "center";
  const zero = began ?? 0;
  for (let at = zero + Math.ceil((from - zero) / step) * step; at <= to; at += step) {
    const here = Math.round(x(at)) + 0.5;
    pen.beginPath();
    pen.moveTo(here, AXIS - 3);
    pen.lineTo(here, height);
    pen.stroke();
    const text = began === undefined ? timeOfDay(at).slice(0, step < 60 ? 8 : 5) : `${Math.round(at - began)} s`;
    pen.fillText(text, Math.min(Math.max(here, left + 22), right - 22), AXIS / 2);
  }
}

const DRAW = { lane: drawLane, bars: drawBars, lines: drawLines };

function drawLane(pen, row, top, { x, right, to }, theme, regions) {
  for (const one of row.segments) {
    const begin = x(one.begin);
    const width = Math.max(2, x(Math.min(one.end, to)) - begin);
    if (row.quiet === one.style) {
      pen.fillStyle = theme.good;
      pen.fillRect(begin, top + row.height / 2 - 1, width, 2);
      continue;
    }
    pen.fillStyle = fillOf(pen, one.style, theme, regions);
    pen.fillRect(begin, top, width, row.height);
    pen.strokeStyle = theme.raised;
    pen.lineWidth = 1;
    pen.strokeRect(begin + 0.5, top + 0.5, width - 1, row.height - 1);
    label(pen, one, begin, width, top + row.height / 2, row, theme, right);
  }
  for (const tick of row.ticks) triangle(pen, x(tick.at), top + row.height, tick.small ? 3 : 6, tick.small ? theme.dim : theme.accent);
}

function label(pen, one, begin, width, middle, row, theme, right) {
  const start = Math.max(begin, 0);
  const long = pen.measureText(one.text).width;
  pen.textAlign = "left";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = theme.raised;
  pen.fillStyle = theme.ink;
  let at = begin + Math.max(4, (width - long) / 2);
  if (long + 8 > width) {
    if (!row.beside) return;
    at = begin + width + long + 8 < right ? begin + width + 5 : start - long - 5;
  }
  pen.strokeText(one.text, at, middle + 0.5);
  pen.fillText(one.text, at, middle + 0.5);
}

function triangle(pen, x, bottom, size, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x - size, bottom);
  pen.lineTo(x + size, bottom);
  pen.lineTo(x, bottom - size * 1.7);
  pen.fill();
}

function drawBars(pen, row, top, { x, left, right }, theme) {
  const base = top + row.height;
  const scale = row.height / row.most;
  pen.fillStyle = theme.line;
  pen.fillRect(left, base - 1, right - left, 1);
  const failed = hatched(pen, theme.bad, theme.raised, 45);
  for (const bar of row.bars) {
    if (!(bar.good + bar.failed)) continue;
    const begin = x(bar.begin);
    const width = Math.max(1, x(bar.end) - begin - (x(bar.end) - begin > 4 ? 1 : 0));
    const good = bar.good * scale;
    pen.fillStyle = theme.good;
    pen.fillRect(begin, base - good, width, good);
    if (!bar.failed) continue;
    const high = Math.max(2, bar.failed * scale);
    pen.fillStyle = width > 3 ? failed : theme.bad;
    pen.fillRect(begin, base - good - high, width, high);
    pen.fillStyle = theme.bad;
    pen.fillRect(begin, base - good - high, width, 1.5);
  }
}

function drawLines(pen, row, top, { x }, theme) {
  const base = top + row.height;
  pen.fillStyle = theme.strong;
  row.points.forEach((point, index) => {
    const next = row.points[index + 1];
    const begin = x(point.at);
    const width = Math.max(1, (next && next.at - point.at <= row.gap ? x(next.at) : begin) - begin + 0.5);
    if (point.backlog) {
      pen.globalAlpha = 0.45;
      pen.fillRect(begin, base - (point.backlog / row.mostBacklog) * row.height, width, (point.backlog / row.mostBacklog) * row.height);
      pen.globalAlpha = 1;
    } else if (point.backlog === null) {
      pen.fillStyle = hatched(pen, theme.bad, theme.raised, 135);
      pen.fillRect(begin, top, width, row.height);
      pen.fillStyle = theme.strong;
    }
  });
  pen.strokeStyle = theme.warn;
  pen.lineWidth = 1.6;
  pen.beginPath();
  let before = null;
  for (const point of row.points) {
    if (point.lag === null) {
      before = null;
      continue;
    }
    const y = base - 1 - (point.lag / row.mostLag) * (row.height - 3);
    if (before && point.at - before.at <= row.gap) pen.lineTo(x(point.at), y);
    else pen.moveTo(x(point.at), y);
    before = point;
  }
  pen.stroke();
}

const patterns = new Map();

/** Stripes of a colour on a ground. */
function hatched(pen, colour, ground, angle) {
  const key = `${colour} ${ground} ${angle} ${devicePixelRatio}`;
  if (!patterns.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const brush = tile.getContext("2d");
    brush.fillStyle = ground;
    brush.fillRect(0, 0, 8, 8);
    brush.strokeStyle = colour;
    brush.lineWidth = 2.6;
    brush.beginPath();
    for (const shift of [-8, 0, 8]) {
      if (angle === 45) line(brush, shift, 8, shift + 8, 0);
      if (angle === 135) line(brush, shift, 0, shift + 8, 8);
      if (angle === 0) line(brush, 0, shift + 4, 8, shift + 4);
      if (angle === 90) line(brush, shift + 4, 0, shift + 4, 8);
    }
    brush.stroke();
    patterns.set(key, pen.createPattern(tile, "repeat"));
  }
  return patterns.get(key);
}

function line(brush, x1, y1, x2, y2) {
  brush.moveTo(x1, y1);
  brush.lineTo(x2, y2);
}

/** A stretch's colour and pattern: six colours for regions, then the same ones hatched. */
function fillOf(pen, style, theme, regions) {
  if (style === "fault") return theme.fault;
  if (style === "undoing") return hatched(pen, theme.warn, theme.raised, 45);
  if (style === "ill") return hatched(pen, theme.bad, theme.raised, 45);
  if (style === "frozen") return hatched(pen, theme.cold, theme.raised, 0);
  if (style.startsWith("region ")) {
    const index = Math.max(0, regions.indexOf(style.slice(7)));
    const colour = theme[`region-${index % 6}`];
    return index < 6 ? colour : hatched(pen, colour, theme.raised, [90, 0, 45][Math.floor(index / 6) % 3]);
  }
  return theme.line;
}
