/**
 * Links between regions: the great circle with the round trip on it; dashed and marked when it is slowed, broken with a cut
 * mark when it is cut, dotted when one of its replicas is behind. Two regions are two directions: what is said of one only
 * carries an arrow.
 */

/* global d3 */
import { milliseconds } from "./words.js";

const LABELLED_MAX = 12;
const BEHIND_MS = 2000;
const OTHERS_MAX = 40;

export function linksOn(layer, { world, moment, projection, path }) {
  const links = [...world.links, ...elsewhere(world, moment)].map(([from, to, roundTrip]) => {
    const disturbed = (moment?.links ?? []).filter((link) => isOf(link, from, to));
    const behind = (moment?.lag ?? []).filter(([peer, region, , lag, backlog]) => (
      isOf({ from: peer, to: region }, from, to) && (backlog === null || (backlog > 0 && lag > BEHIND_MS))
    ));
    const state = stateOf(disturbed, behind);
    const line = { type: "LineString", coordinates: [world.at.get(from), world.at.get(to)] };
    const middle = projection(d3.geoInterpolate(...line.coordinates)(0.5));
    return { key: `${from} ${to}`, from, to, state, line, middle, roundTrip, labels: labelled(world, state, disturbed, middle, from, to, roundTrip) };
  });
  const groups = layer.selectAll("g.link").data(links, (link) => link.key).join((enter) => {
    const group = enter.append("g");
    group.append("path");
    group.append("path").attr("class", "mark");
    group.append("title");
    return group;
  });
  groups.attr("class", (link) => `link ${link.state}`).attr("data-link", (link) => link.key);
  groups.select("path").attr("d", (link) => path(link.line));
  groups.select("path.mark")
    .attr("d", (link) => (link.state === "cut" ? "M-5,-5L5,5M-5,5L5,-5" : link.state === "slow" ? "M-7,0Q-3.5,-7 0,0T7,0" : ""))
    .attr("transform", ({ middle: [x, y] }) => `translate(${x.toFixed(1)},${y.toFixed(1)})`);
  groups.select("title").text((link) => `${link.from} – ${link.to}: ${link.roundTrip === null ? "" : `${milliseconds(link.roundTrip)} there and back; `}${link.state}`);
}

/** Links with cities and other sites are drawn only while something is done to them. */
function elsewhere(world, moment) {
  const known = new Set(world.links.map(([from, to]) => `${from} ${to}`));
  const found = new Map();
  for (const { from, to } of moment?.links ?? []) {
    const [one, other] = known.has(`${to} ${from}`) || found.has(`${to} ${from}`) ? [to, from] : [from, to];
    const key = `${one} ${other}`;
    if (known.has(key) || found.size >= OTHERS_MAX || !world.at.has(one) || !world.at.has(other)) continue;
    found.set(key, [one, other, null]);
  }
  return [...found.values()];
}

export const isOf = (link, one, other) => (
  (link.from === one && link.to === other) || (link.from === other && link.to === one)
);

function stateOf(disturbed, behind) {
  if (disturbed.some((link) => link.cut)) return "cut";
  if (disturbed.length) return "slow";
  return behind.length ? "behind" : "well";
}

function labelled(world, state, disturbed, at, from, to, roundTrip) {
  const label = { key: `link ${from} ${to}`, kind: `link ${state}`, at, away: 7 };
  if (state === "cut" || state === "slow") {
    const [first] = disturbed;
    const one = disturbed.length === 1 && world.links.length ? ` ${first.from} → ${first.to} only` : "";
    return [{ ...label, must: true, text: `${what(disturbed)}${one}` }];
  }
  if (world.links.length > LABELLED_MAX) return [];
  return [{ ...label, text: milliseconds(roundTrip) + (state === "behind" ? ", behind" : "") }];
}

/** The worst that is said of a link. */
function what(disturbed) {
  if (disturbed.some((link) => link.cut)) return "cut";
  const extra = Math.max(...disturbed.map((link) => link.delay_ms_extra ?? 0));
  const loss = Math.max(...disturbed.map((link) => link.loss ?? 0));
  const said = [];
  if (extra) said.push(`+${milliseconds(extra)} each way`);
  if (loss) said.push(`${Math.round(loss * 100)} % lost`);
  if (disturbed.some((link) => link.bandwidth_bytes_s)) said.push("narrow");
  return said.join(", ") || "disturbed";
}
