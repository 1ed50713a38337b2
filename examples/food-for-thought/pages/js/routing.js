/**
 * The address after # says what is shown. A view is a function(main, signal, ...parts of the address): it fills `main`,
 * and stops whatever it does when the signal is aborted, which happens when the reader goes elsewhere.
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
    window.scrollTo(0, 0);
    try {
      const [view, parts] = found(views, path);
      await view(main, signal, ...parts);
    } catch (error) {
      if (!signal.aborted) complain(main, error, follow);
    }
    if (signal.aborted) return;
    const heading = main.querySelector("h1");
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

async function nothing(main) {
  show(main, html`<h1>Nothing here</h1><p>There is no such page. <a href="#/">To the beginning</a></p>`);
}

function complain(main, error, again) {
  if (!("status" in error)) console.warn(error);
  const text = error.status === 404 ? "It is not there, or not yet in this region." : "Nobody answers at the moment.";
  show(
    main,
    html`<h1>That did not work</h1><p>${text} <span class="quiet">${error.message}</span></p>
      <p class="buttons"><button type="button" id="again" class="primary">Try again</button>
        <a class="button" href="#/">To the beginning</a></p>`,
  );
  document.getElementById("again").addEventListener("click", again);
}
