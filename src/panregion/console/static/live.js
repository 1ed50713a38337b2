/**
 * What all islands of a page share: what was seen of the world, the one stream that brings more of it, and the moment that
 * is looked at. A page of a finished game day reads its moments once; any other holds one stream of events.
 *
 *   live.seen                    the moments (seen.js)
 *   live.at                      the time that is looked at, unix seconds; null: now
 *   live.look(at)                look at another
 *   live.on("seen", f)           called when there is more; while the page is hidden not, and once when it is shown again
 *   live.on("look", f)           called when another time is looked at
 */

import { KEPT_S, Seen } from "./seen.js";

const source = document.getElementById("strip")?.dataset ?? {};
const events = new EventTarget();
let stale = false;

export const live = {
  seen: new Seen({ keep: source.replay === undefined ? KEPT_S : Infinity }),
  replay: source.replay !== undefined,
  at: null,
  get now() {
    return live.at ?? live.seen.to;
  },
  look(at) {
    if (at === live.at) return;
    live.at = at;
    events.dispatchEvent(new Event("look"));
  },
  on(what, call) {
    events.addEventListener(what, call);
  },
};

function take(moments) {
  live.seen.take(moments);
  if (document.hidden) stale = true;
  else events.dispatchEvent(new Event("seen"));
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !stale) return;
  stale = false;
  events.dispatchEvent(new Event("seen"));
});

async function begin() {
  const answer = await fetch(source.moments ?? "/moments");
  const { moments, bucket_s: bucket = 1, origin_s: origin = 0 } = await answer.json();
  Object.assign(live.seen, { bucket, origin });
  take(moments);
  if (!live.replay) follow();
}

function follow() {
  const stream = new EventSource(`/events?after=${live.seen.last?.number ?? 0}`);
  stream.onmessage = (event) => {
    const moment = JSON.parse(event.data);
    if (moment.number <= (live.seen.last?.number ?? 0) && moment.at_s > live.seen.to) return again(stream);
    take([moment]);
  };
  stream.onopen = () => connected(true);
  stream.onerror = () => connected(false);
}

/** The console was started anew, and counts from 1 again: so does the page. */
function again(stream) {
  stream.close();
  location.reload();
}

function connected(is) {
  document.documentElement.toggleAttribute("data-away", !is);
}

// Islands take their places first: modules run in the order in which the page names them, and this one's fetch is later.
if (document.getElementById("strip")) begin().catch(() => connected(false));
