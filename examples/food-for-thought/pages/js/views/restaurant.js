/** A restaurant's menus; dishes go into the basket from here. */

import { askCatalog } from "../asking.js";
import { html, show } from "../html.js";
import * as kept from "../kept.js";
import { hue, initials, money, stars } from "../words.js";
import { stepper } from "./stepper.js";

export async function restaurant(main, signal, id) {
  show(main, html`<p class="quiet" role="status">Looking …</p>`);
  const found = await askCatalog(`/restaurants/${encodeURIComponent(id)}`);
  if (signal.aborted) return;
  const dishes = new Map(found.menus.flatMap((menu) => menu.dishes).map((dish) => [dish.id, dish]));
  draw(main, found);
  kept.onKept(() => draw(main, found), signal);
  main.addEventListener("click", (event) => press(event, main, found, dishes), { signal });
}

function press(event, main, found, dishes) {
  const button = event.target.closest("button[data-dish]");
  if (!button) return;
  const dish = dishes.get(button.dataset.dish);
  const held = kept.basket();
  if (held && held.restaurant.id !== found.id) {
    if (!window.confirm(`Your basket has dishes of ${held.restaurant.name}. Begin a new one?`)) return;
  }
  const line = { dish: dish.id, name: dish.name, price_cents: dish.price_cents, currency: dish.currency };
  const { id, name, jurisdiction } = found;
  const quantity = kept.quantityOf(id, dish.id) + Number(button.dataset.step);
  kept.setQuantity({ id, name, jurisdiction }, line, quantity);
  const ids = [button.id, `plus-${dish.id}`, `add-${dish.id}`]; // the first one came, or the last one went
  ids.map((each) => main.querySelector(`#${CSS.escape(each)}`)).find((each) => each !== null)?.focus();
}

function draw(main, found) {
  const menus = found.menus.filter((menu) => menu.dishes.length);
  show(
    main,
    html`<p><a class="back" href="#/">All restaurants</a></p>
      <div class="head">
        <span class="tile large" data-hue="${hue(found.name)}" aria-hidden="true">${initials(found.name)}</span>
        <div><h1>${found.name}</h1>
          <p class="quiet">${found.cuisine} · ${found.city} ·
            <span aria-label="Rated ${stars(found.rating)} of 5">★ ${stars(found.rating)}</span></p></div>
      </div>
      ${menus.length ? menus.map((menu) => section(found, menu)) : html`<p>Nothing is cooked here at the moment.</p>`}
      ${bar(found)}`,
  );
}

const section = (found, menu) => html`<section aria-labelledby="menu-${menu.id}">
  <h2 id="menu-${menu.id}">${menu.name}</h2>
  <ul class="dishes">${menu.dishes.map((dish) => entry(found, dish))}</ul>
</section>`;

const entry = (found, dish) => html`<li class="dish">
  <div class="text"><strong>${dish.name}</strong><span class="quiet">${dish.description}</span></div>
  <span class="price">${money(dish.price_cents, dish.currency)}</span>
  ${stepper(dish.id, dish.name, kept.quantityOf(found.id, dish.id))}
</li>`;

function bar(found) {
  const held = kept.basket();
  if (held?.restaurant.id !== found.id) return "";
  const number = kept.count(held);
  return html`<div class="bar" role="region" aria-label="Basket">
    <span>${number} ${number === 1 ? "dish" : "dishes"} ·
      <b>${money(kept.total_cents(held), held.lines[0].currency)}</b></span>
    <a class="button primary" href="#/checkout" id="to-checkout">Go to checkout</a>
  </div>`;
}
