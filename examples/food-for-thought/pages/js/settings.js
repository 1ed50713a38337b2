/** Where everything is: names are derived from the page's own, so the same files serve every domain. */

export const REGIONS = { US: ["us-east-1"], EU: ["eu-west-1", "eu-central-1"] };

/** @returns {{catalog: string, orders: string, admin: string, zone: string, regional: (region: string) => string}} */
export function addresses(place = window.location) {
  const zone = place.hostname.replace(/^www\./, "");
  const at = (name) => `${place.protocol}//${name}.${zone}`;
  return { zone, catalog: at("catalog"), orders: at("api"), admin: at("admin"), regional: (region) => at(`${region}.api`) };
}

/** How patient a page is. Times in milliseconds. */
export const PATIENCE = { timeout_ms: 6000, first_wait_ms: 400, longest_wait_ms: 5000, give_up_ms: 120000, follow: 4 };

/** How often an order that is under way is asked for, in milliseconds. */
export const TRACK_EVERY_MS = 2000;
