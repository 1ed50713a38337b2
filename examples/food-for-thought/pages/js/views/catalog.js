/** The administrators' list of all restaurants. */

import { askCatalog } from "../asking.js";
import { html, show } from "../html.js";
import { newestOf } from "../newest.js";
import { hue, initials } from "../words.js";

const COLLATOR = new Intl.Collator("en");

export async function catalog(main, signal) {
  show(
    main,
    html`<div class="row"><h1>Catalog</h1><a class="button primary" href="#/new" id="new">New restaurant</a></div>
      <label>Find <input type="search" id="find" autocomplete="off"></label>
      <p class="quiet" id="found" role="status">Looking …</p>
      <ul class="cards" id="cards"></ul>`,
  );
  const all = newestOf(await everything()).sort((one, other) => COLLATOR.compare(one.name, other.name));
  if (signal.aborted) return;
  const draw = () => {
    const wanted = main.querySelector("#find").value.trim().toLowerCase();
    const found = all.filter((each) => `${each.name} ${each.city} ${each.cuisine}`.toLowerCase().includes(wanted));
    main.querySelector("#found").textContent = `${found.length} of ${all.length} restaurants`;
    show(main.querySelector("#cards"), html`${found.map(card)}`);
  };
  main.querySelector("#find").addEventListener("input", draw, { signal });
  draw();
}

async function everything() {
  const all = [];
  let after = "";
  do {
    const found = await askCatalog(`/restaurants${after ? `?after=${encodeURIComponent(after)}` : ""}`);
    all.push(...found.restaurants);
    after = found.next ?? "";
  } while (after);
  return all;
}

const card = (each) => html`<li>
  <a class="card" href="#/restaurant/${encodeURIComponent(each.id)}">
    <span class="tile" data-hue="${hue(each.name)}" aria-hidden="true">${initials(each.name)}</span>
    <span class="text"><strong>${each.name}</strong>
      <span class="quiet">${each.cuisine} · ${each.city} · ${each.jurisdiction}</span></span>
  </a>
</li>`;
