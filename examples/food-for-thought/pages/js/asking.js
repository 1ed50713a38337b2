/** The page's requests: recovery.js with the browser's own network, clock and chance, and who answered last. */

import { persist } from "./recovery.js";
import { addresses, PATIENCE, REGIONS } from "./settings.js";

const where = addresses();
const answered = new EventTarget();

/** Be told of every answer: listener({service, region, took_ms}). */
export function onAnswer(listener) {
  answered.addEventListener("answer", (event) => listener(event.detail));
}

async function send(address, request, timeout_ms) {
  const began = performance.now();
  const headers = { ...request.headers };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  const response = await fetch(address + request.path, {
    method: request.method ?? "GET",
    headers,
    body: request.body === undefined ? undefined : JSON.stringify(request.body),
    signal: AbortSignal.timeout(timeout_ms),
    cache: request.cache ?? "default",
    credentials: "omit",
  });
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Not our application's words: what stands before it speaks of its own trouble in HTML.
    if (response.ok) throw new TypeError("an answer that is not JSON");
  }
  const region = response.headers.get("x-food-region") ?? "";
  const took_ms = Math.round(performance.now() - began);
  answered.dispatchEvent(new CustomEvent("answer", { detail: { service: request.service, region, took_ms } }));
  return { status: response.status, body, region };
}

const tools = (tell, patience) => ({
  send,
  sleep: (wait_ms) => new Promise((done) => setTimeout(done, wait_ms)),
  now: () => performance.now(),
  chance: Math.random,
  patience: { ...PATIENCE, ...patience },
  tell,
});

const ours = (url) => url.protocol === window.location.protocol && url.hostname.endsWith(`.api.${where.zone}`);

/** A request with an id that every service it reaches writes into its log, the same at every attempt. */
function correlated(request, service) {
  return { ...request, service, headers: { "x-correlation-id": crypto.randomUUID(), ...request.headers } };
}

/** Ask the catalog, which is public and cached near to the reader: without a header that would need a preflight. */
export async function askCatalog(path) {
  const ways = { global: where.catalog, regional: [], trusted: () => false };
  return (await persist({ path, service: "catalog" }, ways, tools())).body;
}

/** Ask the order service. `jurisdiction` says whose personal data is in it, so in which regions it may be tried. */
export function askOrders(request, { jurisdiction = null, homeOnly = false, tell, patience } = {}) {
  const regions = jurisdiction === "EU" ? REGIONS.EU : [...REGIONS.US, ...REGIONS.EU];
  const ways = { global: where.orders, regional: regions.map(where.regional), trusted: ours, homeOnly };
  return persist(correlated({ cache: "no-store", ...request }, "orders"), ways, tools(tell, patience));
}

/** Ask the administrators' door. */
export function askAdmin(request, token) {
  const ways = { global: where.admin, regional: [], trusted: () => false };
  const headers = { authorization: `Bearer ${token}` };
  return persist(correlated({ ...request, headers }, "admin"), ways, tools(undefined, { give_up_ms: 15000 }));
}
