/**
 * Marks on the map. A region is a disc while it runs, a cross when it is dead, a six-armed star when it is frozen, a ring
 * while it starts, a ring with a question mark's gap when it does not answer; a city is a square, a service outside every
 * region a triangle.
 */

/* global d3 */
const DEAD = new Set(["killed", "crashed"]);

export const formOf = (status) => {
  if (status === undefined || status === "running") return "running";
  if (DEAD.has(status)) return "dead";
  if (status === "frozen") return "frozen";
  return status === "starting" || status === "stopped" ? "starting" : "unknown";
};

const FORMS = {
  running: "M-6.5,0A6.5,6.5 0 1 1 6.5,0A6.5,6.5 0 1 1 -6.5,0Z",
  dead: "M-6,-6L6,6M-6,6L6,-6",
  frozen: "M0,-8V8M-7,-4L7,4M-7,4L7,-4",
  starting: "M-6,0A6,6 0 1 1 6,0A6,6 0 1 1 -6,0Z",
  unknown: "M-6,0A6,6 0 1 1 0,6M0,-1.5V0M0,3V3.5",
};

/** Draws them and gives the labels that belong to them. */
export function sitesOn(layer, { world, moment, flows, told, projection }) {
  const active = new Set([...flows.keys(), ...told.map((one) => one.city)]);
  const regions = world.regions.map((region) => ({
    ...region, kind: "region", status: moment?.regions[region.name], form: formOf(moment?.regions[region.name]), at: projection([region.longitude, region.latitude]),
  }));
  const outside = world.outside.map((service) => ({
    ...service, kind: "outside", form: formOf(moment?.outside[service.name]), status: moment?.outside[service.name], at: projection([service.longitude, service.latitude]),
  }));
  const cities = world.cities.map((city) => ({
    ...city, kind: "city", form: active.has(city.name) ? "active" : "faint", at: projection([city.longitude, city.latitude]),
  }));
  const marks = layer.selectAll("path").data([...cities, ...outside, ...regions], (site) => `${site.kind} ${site.name}`)
    .join((enter) => {
      const path = enter.append("path");
      path.append("title");
      return path;
    })
    .attr("class", (site) => `${site.kind} ${site.form}`)
    .attr("data-name", (site) => site.name)
    .attr("transform", ({ at: [x, y] }) => `translate(${x.toFixed(1)},${y.toFixed(1)})`)
    .attr("d", shape);
  marks.select("title").text((site) => titled(site, flows));
  return [...regions, ...outside, ...cities.filter((city) => city.form === "active")].map((site) => ({
    key: `${site.kind} ${site.name}`, kind: `${site.kind} ${site.form}`, at: site.at, mark: true, must: site.kind === "region",
    text: site.form === "running" || site.kind === "city" ? site.name : `${site.name} ${site.status ?? "unknown"}`,
  }));
}

function shape(site) {
  if (site.kind === "region") return FORMS[site.form];
  if (site.kind === "outside") return site.form === "running" ? "M0,-6.5L6,5H-6Z" : FORMS.dead;
  return site.form === "active" ? "M-4,-4H4V4H-4Z" : "M-1.2,-1.2H1.2V1.2H-1.2Z";
}

function titled(site, flows) {
  if (site.kind === "region") return `${site.name}, ${site.city}: ${site.status ?? "unknown"}`;
  if (site.kind === "outside") return `${site.name}, in ${site.place}: ${site.status ?? "unknown"}`;
  const counts = flows.get(site.name) ?? [];
  const told = counts.map((one) => `${one.site ?? "nobody"}: ${d3.format(".1f")(one.good + one.tunnels)} good, ${d3.format(".1f")(one.failed)} failed a second`);
  return [site.name, ...told].join("\n");
}
