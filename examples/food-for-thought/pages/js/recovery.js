/**
 * Requests that survive the loss of a region.
 *
 * `persist` sends one request until it is answered: first to the global name, which leads to the nearest region that is
 * well; when that fails, again after a growing pause; then in turns to the regions' own addresses, because a name's old
 * answer may be kept for a minute after its region died. What is sent must be safe to send twice: reads, and writes
 * that carry an id of the page's own. Answers that name a better address (409 NotHomeRegion, 409 or 421
 * WrongJurisdiction) are followed there at once.
 *
 * Nothing here knows of pages; time and network are handed in, so that it can be tested without either.
 */

const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const ELSEWHERE = new Set(["NotHomeRegion", "WrongJurisdiction"]);

/** An answer that will not get better by asking again. */
export class Refused extends Error {
  constructor(status, body, address) {
    super(typeof body?.message === "string" ? body.message : `the server answered ${status}`);
    this.status = status;
    this.code = typeof body?.error === "string" ? body.error : "";
    this.body = body;
    this.address = address;
  }
}

/** Nobody answered in time. */
export class Unanswered extends Error {}

/** The pause before attempt n (1, 2, ...): doubled each time, bounded, and shortened by up to half by chance (0..1). */
export function pause_ms(attempt, patience, chance) {
  const longest = Math.min(patience.longest_wait_ms, patience.first_wait_ms * 2 ** (attempt - 1));
  return longest * (1 - chance / 2);
}

/** Whom to ask at attempt n (0, 1, ...): the global name twice, then it and the regional ones in turns. */
export function addressOf(attempt, global, regional) {
  if (attempt < 2 || regional.length === 0) return global;
  const turn = (attempt - 2) % (regional.length + 1);
  return turn < regional.length ? regional[turn] : global;
}

/** The address that an answer names, if it is one of ours; otherwise null. */
export function namedAddress(body, trusted) {
  if (!ELSEWHERE.has(body?.error)) return null;
  try {
    const url = new URL(body.url);
    return trusted(url) ? url.origin : null;
  } catch {
    return null;
  }
}

/**
 * @param {{path: string, method?: string, body?: object, headers?: object}} request
 * @param {{global: string, regional: string[], trusted: (url: URL) => boolean}} ways
 * @param {{send: Function, sleep: Function, now: Function, chance: Function, patience: object, tell?: Function}} tools
 *   send(address, request, timeout_ms) -> {status, body, region}, or throws where there is no answer
 * @returns {Promise<{status: number, body: object, region: string, address: string, attempts: number}>}
 */
export async function persist(request, ways, tools) {
  const { patience, tell = () => {} } = tools;
  const until = tools.now() + patience.give_up_ms;
  let followed = 0;
  let named = null;
  for (let attempt = 0; ; ) {
    const address = named ?? addressOf(attempt, ways.global, ways.regional);
    const answer = await tried(address, request, tools);
    if (answer !== null && answer.status < 400) return { ...answer, address, attempts: attempt + 1 + followed };
    const next = answer && namedAddress(answer.body, ways.trusted);
    if (next && followed < patience.follow) {
      followed += 1;
      named = next;
      tell({ kind: "followed", address: next, code: answer.body.error });
      continue;
    }
    if (answer && !(AGAIN.has(answer.status) && answer.body?.error !== "NotMaster")) {
      throw new Refused(answer.status, answer.body, address);
    }
    attempt += 1;
    const wait = pause_ms(attempt, patience, tools.chance());
    if (tools.now() + wait >= until) throw new Unanswered(`${new URL(address).host} does not answer`);
    tell({ kind: "again", address, attempt, status: answer?.status ?? 0 });
    await tools.sleep(wait);
    // An address that was named is the only one that may change an order: it is asked again. One that was named for
    // the customer's jurisdiction has neighbours there, so after two tries the ways given are tried again.
    if (named && !ways.homeOnly && attempt % 2 === 0) named = null;
  }
}

async function tried(address, request, tools) {
  try {
    return await tools.send(address, request, tools.patience.timeout_ms);
  } catch {
    return null;
  }
}
