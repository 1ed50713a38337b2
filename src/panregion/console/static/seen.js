/**
 * What was seen of a world: moments (watching/moment.py) taken in as they come, kept for as long as they are shown.
 * Nothing here grows with what happens: a second has one count a city and site, and what is over is let go of.
 */

export const KEPT_S = 900;
const KEPT_MOMENTS = 1000;
const FAULTS_MAX = 200;
const CHANGES = ["traffic", "dns", "checks", "health", "ended", "notes"];

export class Seen {
  constructor({ keep = KEPT_S } = {}) {
    this.keep = keep;
    this.moments = [];
    this.requests = new Map(); // city -> Map(second -> [{site, good, failed, tunnels, took_ms}])
    this.told = new Map(); // "city name" -> {city, name, changes: [{at, text, region, values}]}
    this.checks = new Map(); // id -> the check as it is last known
    this.turns = new Map(); // id -> [{at, healthy, why, site}]
    this.faults = new Map(); // id -> {id, text, begin, undone, end}
    this.notes = []; // {at, text, command}
    this.bucket = 1;
    this.origin = 0;
  }

  get last() {
    return this.moments.at(-1);
  }

  get from() {
    return this.moments.length ? this.moments[0].at_s : 0;
  }

  get to() {
    return this.last?.at_s ?? 0;
  }

  take(moments) {
    for (const moment of moments) this.#take(moment);
    this.#forget(this.to - this.keep);
  }

  #take(moment) {
    const { at_s: at } = moment;
    for (const [second, city, site, good, failed, tunnels, took] of moment.traffic ?? []) {
      const seconds = this.requests.get(city) ?? new Map();
      this.requests.set(city, seconds);
      const counts = seconds.get(second) ?? [];
      seconds.set(second, [...counts, { site, good, failed, tunnels, took }]);
    }
    for (const one of moment.dns ?? []) {
      const key = `${one.city} ${one.name}`;
      const told = this.told.get(key) ?? { city: one.city, name: one.name, changes: [] };
      this.told.set(key, told);
      const text = one.regions.join(", ") || one.values.join(", ");
      told.changes.push({ at: one.at_s ?? at, text, regions: one.regions, values: one.values });
    }
    if (moment.checks) this.checks = new Map(moment.checks.map((check) => [check.id, check]));
    for (const change of moment.health ?? []) {
      const turns = this.turns.get(change.health_check) ?? [];
      this.turns.set(change.health_check, turns);
      turns.push({ at: change.time, healthy: change.healthy, why: change.why, site: change.site });
    }
    for (const fault of moment.faults ?? []) this.#fault(fault, null);
    for (const fault of moment.ended ?? []) this.#fault(fault, fault.ended_s);
    for (const note of moment.notes ?? []) this.notes.push({ at, ...note });
    this.moments.push(slim(moment));
  }

  #fault(fault, end) {
    const undone = fault.undone_s ?? end;
    this.faults.set(fault.id, { id: fault.id, text: fault.description, begin: fault.began_s, undone, end });
  }

  #forget(since) {
    const late = this.moments.findIndex((moment) => moment.at_s >= since);
    if (late > 0) this.moments.splice(0, late);
    if (this.moments.length > KEPT_MOMENTS) this.moments.splice(0, this.moments.length - KEPT_MOMENTS);
    for (const [city, seconds] of this.requests) {
      for (const second of seconds.keys()) {
        if (second >= since) break;
        seconds.delete(second);
      }
      if (!seconds.size) this.requests.delete(city);
    }
    for (const told of this.told.values()) {
      while (told.changes.length > 1 && told.changes[1].at < since) told.changes.shift();
    }
    for (const [id, turns] of this.turns) {
      this.turns.set(id, turns.filter((turn) => turn.at >= since));
      if (!this.turns.get(id).length) this.turns.delete(id);
    }
    for (const [id, fault] of this.faults) {
      if ((fault.end !== null && fault.end < since) || this.faults.size > FAULTS_MAX) this.faults.delete(id);
    }
    this.notes = this.notes.filter((note) => note.at >= since);
  }

  /** The moment that was so at a time: the last one that is not after it. */
  momentAt(at) {
    let low = 0;
    let high = this.moments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.moments[middle].at_s <= at + 0.001) low = middle + 1;
      else high = middle;
    }
    return this.moments[Math.max(0, low - 1)];
  }

  /** City -> [{site, good, failed, tunnels}] as they were each second, over a few seconds up to a time. */
  flowsAt(at, over = 3) {
    const until = this.origin + Math.floor((at - this.origin) / this.bucket) * this.bucket;
    const buckets = Math.max(1, Math.round(over / this.bucket));
    const flows = new Map();
    for (const [city, seconds] of this.requests) {
      const sites = new Map();
      for (let back = 1; back <= buckets; back += 1) {
        for (const count of seconds.get(until - back * this.bucket) ?? []) {
          const sum = sites.get(count.site) ?? { site: count.site, good: 0, failed: 0, tunnels: 0 };
          for (const what of ["good", "failed", "tunnels"]) sum[what] += count[what] / (buckets * this.bucket);
          sites.set(count.site, sum);
        }
      }
      if (sites.size) flows.set(city, [...sites.values()]);
    }
    return flows;
  }

  /** What a city is told at a time, one entry for each name. */
  toldAt(at) {
    return [...this.told.values()].map(({ city, name, changes }) => ({
      city, name, ...(changes.findLast((change) => change.at <= at) ?? { text: "", regions: [], values: [] }),
    }));
  }
}

/** What is still of use of a moment once its changes were taken in. */
function slim(moment) {
  const { number, at_s, answered = true, regions = {}, outside = {}, links = [], lag = [], faults = [] } = moment;
  const busy = CHANGES.some((change) => moment[change]?.length);
  return { number, at_s, answered, regions, outside, links, lag, live: faults.length, busy };
}
