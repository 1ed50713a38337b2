/**
 * Requests on the map: a line from a city to each site that answered it, as wide as they were many, its dashes moving the
 * way the requests went; what failed is a line of its own, dotted, and ends in a cross at the city if nobody answered.
 */

const MOVED_MS = 1000;

export function flowsOn(layer, { world, flows, projection, path }, moving) {
  const lines = [];
  for (const [city, counts] of flows) {
    const start = world.at.get(city);
    if (!start) continue;
    for (const { site, good, failed, tunnels } of counts) {
      const end = world.at.get(site);
      if (good + tunnels > 0 && end) lines.push(line(`${city} ${site}`, "good", start, end, good + tunnels));
      if (failed > 0) lines.push(line(`${city} ${site} failed`, "failed", start, end, failed));
    }
  }
  const drawn = layer.selectAll("path").data(lines, (one) => one.key).join("path")
    .attr("class", (one) => `flow ${one.kind}${one.end ? "" : " lost"}`)
    .attr("data-flow", (one) => one.key)
    .attr("d", (one) => (one.end ? path({ type: "LineString", coordinates: [one.start, one.end] }) : cross(projection(one.start))))
    .attr("stroke-width", (one) => one.width);
  if (!moving) return;
  drawn.filter((one) => one.end && one.kind === "good").each(function move() {
    this.getAnimations().forEach((animation) => animation.cancel());
    this.animate([{ strokeDashoffset: 24 }, { strokeDashoffset: 0 }], { duration: MOVED_MS, easing: "steps(12)" });
  });
}

const line = (key, kind, start, end, rate) => ({ key, kind, start, end, width: (1.2 + 1.3 * Math.log10(1 + rate)).toFixed(2) });

const cross = ([x, y]) => `M${x - 7},${y - 7}l14,14m-14,0l14,-14`;
