/**
 * The address after # says what is shown. A view is a function(place, signal, ...parts of the address): it fills `place`,
 * and stops whatever it does when the signal is aborted, which happens when the reader goes elsewhere.
 *
 * Every view has a place of its own, which leaves the page with it: an answer that comes later is drawn where nobody
 * looks, never over the view that came after. Only what reaches beyond its place (another address) asks the signal first.
 */

import { html, show } from "./html.js";

/** @param {Array<[RegExp, Function]>} views  @param {string} title  @returns {Function} show the view again */
export function route(main, views, title) {
  let leave = new AbortController();
  let moved = false;

  async function follow() {
    const path = window.location.hash.replace(/^#/, "").split("?")[0];
    leave.abort();
    leave = new AbortController();
    const { signal } = leave;
    const place = document.createElement("div");
    main.replaceChildren(place);
    window.scrollTo(0, 0);
    try {
      const [view, parts] = found(views, path);
      await view(place, signal, ...parts);
    } catch (error) {
      complain(place, error, follow);
    }
    if (signal.aborted) return;
    const heading = place.querySelector("h1");
    document.title = heading ? `${heading.textContent} · ${title}` : title;
    if (moved) main.focus({ preventScroll: true });
    moved = true;
  }

  window.addEventListener("hashchange", follow);
  follow();
  return follow;
}

function found(views, path) {
  for (const [pattern, view] of views) {
    const match = pattern.exec(path);
    if (match) return [view, match.slice(1).map(decodeURIComponent)];
  }
  return [nothing, []];
}

async function nothing(place) {
  show(place, html`<h1>Nothing here</h1><p>There is no such page. <a href="#/">To the beginning</a></p>`);
}

function complain(place, error, again) {
  if (!("status" in error)) console.warn(error);
  const text = error.status === 404 ? "It is not there, or not yet in this region." : "Nobody answers at the moment.";
  show(
    place,
    html`<h1>That did not work</h1><p>${text} <span class="quiet">${error.message}</span></p>
      <p class="buttons"><button type="button" id="again" class="primary">Try again</button>
        <a class="button" href="#/">To the beginning</a></p>`,
  );
  place.querySelector("#again").addEventListener("click", again);
}
