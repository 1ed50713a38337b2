/**
 * Parts with data-every="milliseconds" are asked for again that often (parts.js), and when something was done; one that
 * has data-over in it no more. While the page is hidden, text of it is marked, a dialogue is open, or the page's Pause is
 * pressed, nothing moves.
 */

import { renew } from "./parts.js";

const pause = document.getElementById("pause");
let paused = false;

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) all();
  });
}

document.addEventListener("acted", all);
for (const part of document.querySelectorAll("[data-part][data-every]")) follow(part);

async function follow(part) {
  while (!part.querySelector("[data-over]")) {
    await new Promise((resolve) => setTimeout(resolve, Number(part.dataset.every)));
    if (!held()) await renew(part.dataset.part);
  }
}

function all() {
  for (const part of document.querySelectorAll("[data-part][data-every]")) renew(part.dataset.part);
}

function held() {
  const marked = getSelection();
  return paused || document.hidden || document.querySelector("dialog[open]") || (marked && !marked.isCollapsed);
}
