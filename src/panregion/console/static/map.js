/**
 * The world as a map: coastlines, regions, places, services outside every region, the links between regions, and requests
 * flowing from cities to whoever answers them, as they were at the moment that is looked at. Every state has a form besides
 * its colour. The tables beside it say the same.
 */

/* global d3, topojson */
import { flowsOn } from "./flows.js";
import { placed } from "./labels.js";
import { linksOn } from "./links.js";
import { live } from "./live.js";
import { sitesOn } from "./marks.js";

const figure = document.getElementById("map");
const svg = d3.select(figure).select("svg");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const SHAPE = 0.5; // height by width
const layers = {};
let world = null;
let projection = null;
let drawn = null;

const [land, sites] = await Promise.all([d3.json("/assets/vendor/land-110m.json"), d3.json(figure.dataset.sites)]);
world = { ...sites, at: new Map([...sites.elsewhere, ...sites.regions, ...sites.cities].map((site) => [site.name, [site.longitude, site.latitude]])) };
for (const service of sites.outside) world.at.set(service.name, [service.longitude, service.latitude]);

for (const name of ["land", "links", "flows", "marks", "labels"]) layers[name] = svg.append("g").attr("class", name);
const coast = topojson.feature(land, land.objects.land);

new ResizeObserver(() => {
  setUp();
  draw();
}).observe(figure);
live.on("seen", draw);
live.on("look", draw);
setUp();
draw();

/** The projection for this width; the land is drawn once for it. */
function setUp() {
  const width = Math.max(300, figure.clientWidth);
  const height = Math.round(width * SHAPE);
  if (drawn === width) return;
  drawn = width;
  svg.attr("viewBox", `0 0 ${width} ${height}`).attr("width", width).attr("height", height);
  const inhabited = { type: "MultiPoint", coordinates: [[-168, 0], [179, 0], [0, 72], [0, -52]] };
  projection = d3.geoEqualEarth().rotate([-11, 0]).fitExtent([[4, 4], [width - 4, height - 4]], inhabited);
  const path = d3.geoPath(projection);
  layers.land.selectAll("path").data([coast]).join("path").attr("d", path);
}

function draw() {
  const { seen } = live;
  const moment = seen.last ? seen.momentAt(live.now) : null;
  const flows = seen.last ? seen.flowsAt(live.now) : new Map();
  const scene = { world, moment, flows, told: seen.last ? seen.toldAt(live.now) : [], projection, path: d3.geoPath(projection) };
  linksOn(layers.links, scene);
  flowsOn(layers.flows, scene, !still.matches && !document.hidden && live.at === null);
  const labels = [...sitesOn(layers.marks, scene), ...layers.links.selectAll("g.link").data().flatMap((link) => link.labels)];
  const box = { width: drawn, height: drawn * SHAPE };
  layers.labels.selectAll("text").data(placed(labels, box), (label) => label.key).join("text")
    .attr("class", (label) => label.kind)
    .attr("x", (label) => label.x).attr("y", (label) => label.y)
    .attr("text-anchor", (label) => label.anchor)
    .text((label) => label.text);
  figure.dataset.drawn = String(moment?.number ?? 0);
}
