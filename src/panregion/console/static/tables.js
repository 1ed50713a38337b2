/**
 * The parts of a page about the world are asked for again (parts.js) when more was seen of a world that is other than it
 * was; of one in which nothing happens nothing is asked.
 */

import { live } from "./live.js";
import { renew } from "./parts.js";

const SETTLES = 5; // moments: rates are means of a few seconds

let asking = false;
let again = false;
let last = "";
let restless = SETTLES;

live.on("seen", () => {
  restless = moved() ? SETTLES : restless - 1;
  if (restless > 0) ask();
});
document.addEventListener("acted", ask);

/** Whether the world is other than it was, or busy. */
function moved() {
  const { busy, regions, outside, links, lag, answered, live: faults } = live.seen.last ?? {};
  const now = JSON.stringify([regions, outside, links, lag, answered, faults]);
  const is = busy || now !== last;
  last = now;
  return is;
}

async function ask() {
  if (live.replay || document.hidden) return;
  again = asking;
  if (asking) return;
  asking = true;
  await renew("tables");
  asking = false;
  if (again) ask();
}
