/** The customers' page. */

import { tellWhoAnswers } from "./footer.js";
import { html, show } from "./html.js";
import * as kept from "./kept.js";
import { route } from "./routing.js";
import { browse } from "./views/browse.js";
import { checkout } from "./views/checkout.js";
import { order, orders } from "./views/orders.js";
import { restaurant } from "./views/restaurant.js";

const main = document.getElementById("main");

function showBasket() {
  const badge = document.getElementById("basket-count");
  const number = kept.count(kept.basket());
  badge.hidden = number === 0;
  badge.textContent = number;
  const element = document.getElementById("pending");
  element.hidden = kept.pending() === null || window.location.hash.startsWith("#/checkout");
  show(element, html`An order of yours has not been confirmed yet. <a href="#/checkout">Go on with it</a>`);
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
tellWhoAnswers(document.getElementById("answered"));
kept.onKept(showBasket);
window.addEventListener("hashchange", showBasket);
showBasket();
route(
  main,
  [
    [/^\/?$/, browse],
    [/^\/restaurant\/([^/]+)$/, restaurant],
    [/^\/checkout$/, checkout],
    [/^\/orders$/, orders],
    [/^\/order\/([^/]+)$/, order],
  ],
  "Food for Thought",
);
