// Draws the panels of a report's time axis with Observable Plot: rows of lanes, bars or lines over the same seconds.
"use strict";
(() => {
  const { end_s: end, bands, panels } = JSON.parse(document.getElementById("timeline").textContent);
  const WIDTH = 1080, RIGHT = 60;
  const LEFT = Math.min(340, 20 + 5.9 * Math.max(...panels.flatMap((panel) => panel.rows.map((row) => row.length))));

  // Every meaning has a pattern as well as a colour (the page's <defs>), so that neither is needed alone.
  const fill = (style) => `url(#style-${style})`;

  const frame = (panel, rowHeight, marks, more = {}) => Plot.plot({
    width: WIDTH,
    height: 26 + panel.rows.length * rowHeight,
    marginLeft: LEFT, marginRight: RIGHT, marginTop: 4, marginBottom: 22,
    style: { fontSize: "11px", fontFamily: "inherit", background: "transparent", overflow: "visible" },
    x: { domain: [0, end], label: null },
    fy: { domain: panel.rows, axis: "left", label: null, padding: 0.14 },
    ariaLabel: panel.title,
    marks: [
      Plot.rect(bands, { x1: "begin_s", x2: "end_s", fill: fill("band") }),
      ...marks,
      Plot.ruleX(bands.flatMap((band) => [band.begin_s, band.end_s]), { stroke: "#555", strokeDasharray: "2,3" }),
    ],
    ...more,
  });

  // A lane's text stands in its segment where it fits, else beside it, if asked for.
  const room = (segment) => ((segment.end_s - segment.begin_s) / end) * (WIDTH - LEFT - RIGHT);

  const fits = (segment) => room(segment) > 6.4 * segment.text.length + 6;
  const LABEL = { fy: "row", y: 0.5, text: "text", fill: "#111", stroke: "#fff", strokeWidth: 4, fontWeight: 600 };

  const lanes = (panel) => frame(panel, 27, [
    Plot.rect(panel.segments, {
      fy: "row", x1: "begin_s", x2: "end_s", y1: 0, y2: 1,
      fill: (one) => fill(one.style), stroke: "#333", strokeWidth: 0.6, title: "title",
    }),
    Plot.text(panel.segments.filter(fits), {
      ...LABEL, x: (one) => (one.begin_s + one.end_s) / 2,
    }),
    ...["start", "end"].map((textAnchor) => Plot.text(
      panel.segments.filter((one) => panel.beside && !fits(one) && (one.end_s > end * 0.6) === (textAnchor === "end")),
      { ...LABEL, textAnchor, x: textAnchor === "end" ? "begin_s" : "end_s", dx: textAnchor === "end" ? -5 : 5 },
    )),
    Plot.dot(panel.ticks, { fy: "row", x: "at_s", y: 0.08, r: 2.4, fill: "#111", symbol: "triangle", title: "title" }),
  ], { y: { axis: null, domain: [0, 1] } });

  const bars = (panel) => frame(panel, 66, [
    Plot.rect(panel.bars, {
      fy: "row", x1: "begin_s", x2: "end_s", y1: 0, y2: "good", fill: fill("good"),
      shapeRendering: "crispEdges", title: "title",
    }),
    Plot.rect(panel.bars.filter((one) => one.failed), {
      fy: "row", x1: "begin_s", x2: "end_s", y1: "good", y2: (one) => one.good + one.failed,
      fill: fill("failed"), stroke: "#7a2e00", strokeWidth: 0.5, title: "title",
    }),
    Plot.ruleY([0], { stroke: "#333" }),
  ], { y: { axis: "right", label: null, ticks: [panel.most], domain: [0, panel.most] } });

  const lines = (panel) => frame(panel, 44, [
    Plot.lineY(panel.points, { fy: "row", x: "at_s", y: "value", z: "row", stroke: "#1b4f72", strokeWidth: 1.6 }),
    Plot.dot(panel.points.filter((one) => one.value !== null), {
      fy: "row", x: "at_s", y: "value", r: 1.3, fill: "#1b4f72", title: (one) => `${one.value} ${panel.unit}`,
    }),
    Plot.ruleY([0], { stroke: "#999" }),
  ], { y: { axis: "right", label: null, ticks: [panel.most], domain: [0, panel.most], tickFormat: (value) => value.toLocaleString("en") } });

  const DRAW = { lanes, bars, lines };
  for (const panel of panels) {
    document.getElementById(panel.id).replaceChildren(DRAW[panel.kind](panel));
  }
  document.documentElement.dataset.drawn = String(panels.length);
})();
