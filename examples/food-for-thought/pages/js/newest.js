/**
 * What this administrator changed lately. The catalog is kept near to its readers for a minute, so what was just changed
 * may still be told as it was; who changed it sees it changed.
 */

const changed = new Map();

/** Remember an answer of the administrators' door: the whole restaurant, or null where it was removed. */
export function remember(id, whole) {
  changed.set(id, whole);
}

/** The newer one of what the catalog says and of what was changed here; null where it was removed. */
export function newest(id, told) {
  if (!changed.has(id)) return told;
  const mine = changed.get(id);
  return mine && told && told.version > mine.version ? told : mine;
}

/** A list as it is after what was changed here. */
export function newestOf(list) {
  const told = new Map(list.map((each) => [each.id, each]));
  for (const id of changed.keys()) {
    const now = newest(id, told.get(id));
    if (now) told.set(id, now);
    else told.delete(id);
  }
  return [...told.values()];
}
