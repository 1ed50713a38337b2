/**
 * The strip along the bottom of a page: one time axis for all that was seen, one cursor over all rows. The pointer moves
 * it, or the arrow keys (Shift: ten times as far; Home, End; Escape: back to now), and it is told in words, too.
 */

import { live } from "./live.js";
import { clipped, fit, layoutOf, paint, themeOf } from "./paint.js";
import { rowsOf } from "./rows.js";
import { length, timeOfDay } from "./words.js";

const strip = document.getElementById("strip");
const view = document.getElementById("strip-view");
const [base, over] = view.querySelectorAll("canvas");
const readout = document.getElementById("strip-readout");
const spans = document.getElementById("strip-span");
const more = document.getElementById("strip-more");
const regions = strip.dataset.regions.split(" ");
const began = live.replay ? Number(strip.dataset.began) : undefined;
const dark = matchMedia("(prefers-color-scheme: dark)");
let rows = [];
let layout = null;
let theme = themeOf(strip);
let wanted = false;

live.on("seen", soon);
live.on("look", drawCursor);
new ResizeObserver(soon).observe(view);
dark.addEventListener("change", () => {
  theme = themeOf(strip);
  soon();
});

/** At the next frame, once however often it is asked for. */
function soon() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    draw();
  });
}

const span = () => Number(spans?.value ?? 900);

function draw() {
  const { seen } = live;
  if (!seen.moments.length) return;
  const to = live.replay ? Number(strip.dataset.ended) : seen.to;
  const from = live.replay ? began : to - span();
  rows = rowsOf(seen, from, to, strip.classList.contains("open"));
  layout = layoutOf(rows, Math.max(300, view.clientWidth), from, to);
  const pen = fit(base, layout.width, layout.height);
  const faults = [...seen.faults.values()].filter((fault) => (fault.end ?? to) >= from);
  paint(pen, rows, layout, theme, { faults, began, regions });
  view.setAttribute("aria-valuemin", String(Math.round(from)));
  view.setAttribute("aria-valuemax", String(Math.round(to)));
  strip.dataset.drawn = String(rows.length);
  drawCursor();
}

function drawCursor() {
  if (!layout) return;
  if (live.at !== null && live.at < layout.from) live.at = null;
  const at = live.now;
  const pen = fit(over, layout.width, layout.height);
  if (live.at !== null) {
    const x = Math.round(layout.x(at)) + 0.5;
    pen.strokeStyle = theme.ink;
    pen.beginPath();
    pen.moveTo(x, 2);
    pen.lineTo(x, layout.height);
    pen.stroke();
  }
  pen.textAlign = "left";
  pen.fillStyle = live.at === null ? theme.dim : theme.ink;
  const said = rows.map((row) => row.said(atOf(row, at)));
  said.forEach((text, index) => {
    pen.fillText(clipped(pen, text, layout.width - layout.right - 8), layout.right + 8, layout.tops[index] + rows[index].height / 2);
  });
  tell(at, said);
}

/** Of the second under way nothing is counted yet: now is the last whole one. */
const atOf = (row, at) => (row.kind === "bars" && live.at === null && !live.replay ? at - row.step : at);

function tell(at, said) {
  const when = live.replay ? `${Math.round(at - began)} s after the beginning` : live.at === null ? "Now" : `${timeOfDay(at)} UTC, ${length(live.seen.to - at)} ago`;
  const told = rows.map((row, index) => [row.what ?? row.label, said[index]]).filter(([, text]) => text && text !== "none");
  view.setAttribute("aria-valuenow", String(Math.round(at)));
  view.setAttribute("aria-valuetext", `${when}. ${told.map(([label, text]) => `${label}: ${text}`).join("; ")}`);
  const first = said[0] || "no fault";
  readout.textContent = `${when}: ${first}`;
  readout.title = "";
}

view.addEventListener("pointermove", (event) => {
  if (!layout) return;
  const x = event.clientX - view.getBoundingClientRect().left;
  if (x >= layout.left - 4 && x <= layout.right + 4) live.look(layout.time(x));
});
view.addEventListener("pointerleave", () => {
  if (!view.matches(":focus-visible") && !live.replay) live.look(null);
});
view.addEventListener("keydown", (event) => {
  const far = (event.shiftKey ? 10 : 1) * Math.max(1, live.seen.bucket);
  const steps = { ArrowLeft: -far, ArrowRight: far, ArrowDown: -far, ArrowUp: far, PageDown: -30, PageUp: 30 };
  if (event.key in steps) go(live.now + steps[event.key]);
  else if (event.key === "Home") go(layout.from);
  else if (event.key === "End") go(layout.to);
  else if (event.key === "Escape") live.look(live.replay ? layout.from : null);
  else return;
  event.preventDefault();
});

function go(at) {
  const within = Math.min(layout.to, Math.max(layout.from, at));
  live.look(within >= layout.to && !live.replay ? null : within);
}

more?.addEventListener("click", () => open(!strip.classList.contains("open"), true));

function open(is, keep) {
  strip.classList.toggle("open", is);
  more.setAttribute("aria-expanded", String(is));
  more.textContent = is ? "Fewer rows" : "All rows";
  if (keep) localStorage.setItem("strip", is ? "open" : "closed");
  soon();
}

spans?.addEventListener("change", () => {
  const address = new URL(location.href);
  address.searchParams.set("last", String(span() / 60));
  history.replaceState(null, "", address);
  soon();
});

const asked = Number(new URLSearchParams(location.search).get("last")) * 60;
if (spans && [...spans.options].some((option) => Number(option.value) === asked)) spans.value = String(asked);
if (more) open((localStorage.getItem("strip") ?? strip.dataset.rows) === "open", false);
