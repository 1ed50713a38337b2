/**
 * Keeps parts of a page as they are now: what is marked with data-part is asked for again when more was seen, and only what
 * differs is changed, so that the focus, what is being typed and what is marked stay where they are.
 */

import { live } from "./live.js";

const SETTLES = 5; // moments: rates are means of a few seconds

let asking = false;
let again = false;
let last = "";
let restless = SETTLES;

live.on("seen", () => {
  restless = moved() ? SETTLES : restless - 1;
  if (restless > 0) renew();
});
document.addEventListener("acted", renew);

/** Whether the world is other than it was: of one in which nothing happens nothing is asked. */
function moved() {
  const { busy, regions, outside, links, lag, answered, live: faults } = live.seen.last ?? {};
  const now = JSON.stringify([regions, outside, links, lag, answered, faults]);
  const is = busy || now !== last;
  last = now;
  return is;
}

async function renew() {
  if (live.replay || document.hidden) return;
  again = asking;
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Part": "tables" } });
    if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // the strip says that the console does not answer
  } finally {
    asking = false;
    if (again) renew();
  }
}

function put(page) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const now = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (now) morph(part, now);
  }
}

/** Make an element what another one is, changing as little as can be. */
export function morph(old, now) {
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
  const [mine, theirs] = [[...old.childNodes], [...now.childNodes]];
  theirs.forEach((node, index) => {
    const here = mine[index];
    if (!here) old.append(node);
    else if (here.nodeType !== node.nodeType || here.nodeName !== node.nodeName || key(here) !== key(node)) here.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) morph(here, node);
    else if (here.data !== node.data) here.data = node.data;
  });
  for (const node of mine.slice(theirs.length)) node.remove();
}

/** Rows of other things are other rows. */
const key = (node) => node.dataset?.key;
