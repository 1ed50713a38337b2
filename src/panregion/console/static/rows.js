/**
 * What was seen as the rows of the strip, all over the same seconds: lanes (stretches with a text), bars (requests, good
 * below and failed on top) and lines (lag, over the backlog as an area). Pure: paint.js draws them.
 *
 *   {kind: "lane", label, segments: [{begin, end (Infinity: it goes on), text, style}], ticks: [{at, text}], height}
 *   {kind: "bars", label, bars: [{begin, end, good, failed}], most}
 *   {kind: "lines", label, points: [{at, lag, backlog}], mostLag, mostBacklog}
 * Every row has `said(at)`: what it shows at a time, in words.
 */

import { amount, milliseconds } from "./words.js";

export const CITIES_MAX = 8;
export const CHECKS_MAX = 8;
export const PAIRS_MAX = 6;
const LANES_MAX = 5;
const BARS_MAX = 450;
const GAP_S = 4;

/** The rows of a stretch of time; `all` false: faults and everybody's requests only. */
export function rowsOf(seen, from, to, all) {
  const step = Math.max(seen.bucket, Math.ceil((to - from) / BARS_MAX / seen.bucket) * seen.bucket);
  const cities = citiesOf(seen);
  const rows = [...faultRows(seen, from), ...noteRows(seen, from)];
  if (!all) return [...rows, barsRow("All requests", cities, seen, from, to, step)];
  const shown = cities.slice(0, CITIES_MAX);
  const rest = cities.slice(CITIES_MAX);
  if (!shown.length) rows.push(barsRow("All requests", [], seen, from, to, step));
  for (const city of shown) rows.push(barsRow(city, [city], seen, from, to, step), ...toldRows(seen, city, from, to));
  if (rest.length) rows.push(barsRow(`${rest.length} more cities`, rest, seen, from, to, step));
  return [...rows, ...checkRows(seen, from, to), ...regionRows(seen, from, to), ...lagRows(seen, from, to)];
}

/** Those that asked for the most first, then those that are told something. */
function citiesOf(seen) {
  const asked = new Map();
  for (const { city } of seen.told.values()) asked.set(city, 0);
  for (const [city, seconds] of seen.requests) {
    let sum = 0;
    for (const counts of seconds.values()) for (const one of counts) sum += one.good + one.failed + one.tunnels;
    asked.set(city, sum);
  }
  const most = [...asked].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([city]) => city);
  return [...most.slice(0, CITIES_MAX).sort(), ...most.slice(CITIES_MAX)];
}

const lane = (label, segments, more = {}) => ({
  kind: "lane", label, segments, ticks: [], height: 15, said: (at) => during(segments, at), ...more,
});

function during(segments, at) {
  return segments.filter((one) => one.begin <= at && at < one.end).map((one) => one.text).join(", ");
}

function faultRows(seen, from) {
  const lanes = [];
  for (const fault of [...seen.faults.values()].sort((a, b) => a.begin - b.begin)) {
    const end = fault.end ?? Infinity;
    if (end < from) continue;
    const segments = [{ begin: fault.begin, end: fault.undone ?? end, text: fault.text, style: "fault" }];
    if (fault.undone && end > fault.undone) {
      segments.push({ begin: fault.undone, end, text: `undoing: ${fault.text}`, style: "undoing" });
    }
    const free = lanes.find((one) => one.at(-1).end < fault.begin) ?? lanes[lanes.length === LANES_MAX ? 0 : lanes.length];
    if (free) free.push(...segments);
    else lanes.push(segments);
  }
  if (!lanes.length) lanes.push([]);
  return lanes.map((segments, index) => lane(index ? "" : "Faults", segments, { height: 18, beside: true, group: "faults" }));
}

function noteRows(seen, from) {
  const ticks = seen.notes.filter((note) => note.at >= from).map((note) => ({ at: note.at, text: note.text }));
  if (!ticks.length) return [];
  const said = (at) => ticks.filter((tick) => Math.abs(tick.at - at) < 1.5).map((tick) => tick.text).join(", ");
  return [lane("Done here", [], { ticks, said, height: 14 })];
}

function barsRow(label, cities, seen, from, to, step) {
  const begin = seen.origin + Math.floor((from - seen.origin) / step) * step;
  const bars = Array.from({ length: Math.max(1, Math.ceil((to - begin) / step)) }, (_, index) => (
    { begin: begin + index * step, end: begin + (index + 1) * step, good: 0, failed: 0, sites: new Set() }
  ));
  for (const city of cities) {
    for (const [second, counts] of seen.requests.get(city) ?? []) {
      const bar = bars[Math.floor((second - begin) / step)];
      if (!bar) continue;
      for (const one of counts) {
        bar.good += one.good + one.tunnels;
        bar.failed += one.failed;
        if (one.site) bar.sites.add(one.site);
      }
    }
  }
  const most = Math.max(1, ...bars.map((bar) => bar.good + bar.failed));
  return { kind: "bars", label, bars, most, step, height: 30, said: (at) => saidOf(bars[Math.floor((at - begin) / step)], step) };
}

function saidOf(bar, step) {
  if (!bar || !(bar.good + bar.failed)) return "none";
  const rate = step === 1 ? "" : ` in ${step} s`;
  return `${amount(bar.good)} good, ${amount(bar.failed)} failed${rate}`;
}

function toldRows(seen, city, from, to) {
  const told = [...seen.told.values()].filter((one) => one.city === city);
  return told.map(({ name, changes }) => lane(`→ ${name}`, stretches(changes, from, to, (change) => ({
    text: change.text, style: change.regions.length === 1 ? `region ${change.regions[0]}` : "several",
  })), { dim: true, height: 13, what: `${city} is told for ${name}` }));
}

/** Changes as stretches, each until the next one. */
function stretches(changes, from, to, shown) {
  return changes
    .map((change, index) => ({ begin: Math.max(from, change.at), end: changes[index + 1]?.at ?? Infinity, ...shown(change) }))
    .filter((one) => one.end > from && one.begin < to);
}

function checkRows(seen, from, to) {
  const checks = [...seen.checks.values()].sort((a, b) => Number(turned(seen, b)) - Number(turned(seen, a)) || a.target.localeCompare(b.target));
  return checks.slice(0, CHECKS_MAX).sort((a, b) => a.target.localeCompare(b.target)).map((check) => {
    const turns = seen.turns.get(check.id) ?? [];
    const whole = turns.filter((turn) => !turn.site);
    const since = Math.max(from, Math.min(seen.from, whole[0]?.at ?? to));
    const before = { at: since, healthy: whole.length ? !whole[0].healthy : check.healthy };
    const segments = stretches([before, ...whole], from, to, (turn) => (
      { text: turn.healthy ? "healthy" : "unhealthy", style: turn.healthy ? "healthy" : "ill" }
    ));
    const ticks = turns.filter((turn) => turn.site && turn.at >= from).map((turn) => (
      { at: turn.at, text: `${turn.site}: ${turn.healthy ? "healthy" : "unhealthy"}`, small: true }
    ));
    return lane(`Check ${check.region ?? check.target}`, segments, { ticks, quiet: "healthy", height: 13 });
  });
}

const turned = (seen, check) => (seen.turns.get(check.id)?.length ?? 0) > 0 || !check.healthy;

/** Only regions that were not running all the time; the map and the table have the others. */
function regionRows(seen, from, to) {
  const lanes = new Map();
  for (const moment of seen.moments) {
    for (const [region, status] of Object.entries(moment.regions)) {
      const changes = lanes.get(region) ?? [];
      lanes.set(region, changes);
      if (changes.at(-1)?.status !== status) changes.push({ at: moment.at_s, status });
    }
  }
  return [...lanes]
    .map(([region, changes]) => [region, stretches(changes, from, to, ({ status }) => (
      { text: status, style: status === "running" ? "healthy" : status === "frozen" ? "frozen" : "ill" }
    ))])
    .filter(([, segments]) => segments.some((one) => one.text !== "running"))
    .map(([region, segments]) => lane(`Region ${region}`, segments, { quiet: "healthy", height: 13 }));
}

function lagRows(seen, from, to) {
  const pairs = new Map();
  for (const moment of seen.moments) {
    if (moment.at_s < from) continue;
    for (const [peer, region, store, lag, backlog] of moment.lag) {
      const key = `${peer} → ${region}`;
      const points = pairs.get(key) ?? [];
      pairs.set(key, points);
      points.push({ at: moment.at_s, lag, backlog, store });
    }
  }
  const worst = (points) => Math.max(...points.map((point) => (point.backlog === null ? Infinity : point.backlog + (point.lag ?? 0) / 1e6)));
  const shown = [...pairs].sort((a, b) => worst(b[1]) - worst(a[1]) || a[0].localeCompare(b[0])).slice(0, PAIRS_MAX);
  return shown.sort((a, b) => a[0].localeCompare(b[0])).map(([label, points]) => ({
    kind: "lines",
    label,
    points,
    gap: Math.max(GAP_S, 3 * seen.bucket),
    mostLag: Math.max(100, ...points.map((point) => point.lag ?? 0)),
    mostBacklog: Math.max(10, ...points.map((point) => point.backlog ?? 0)),
    height: 24,
    said: (at) => lagSaid(points.findLast((point) => point.at <= at), at),
  }));
}

function lagSaid(point, at) {
  if (!point || at - point.at > 60) return "not known";
  if (point.backlog === null) return "cut off";
  return `${milliseconds(point.lag)}, ${amount(point.backlog)} waiting`;
}
