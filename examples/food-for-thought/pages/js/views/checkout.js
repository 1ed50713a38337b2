/** The basket and the checkout: who, where to, with which card; then sending until the order is taken. */

import { html, show } from "../html.js";
import * as kept from "../kept.js";
import { orderFor, sendPending } from "../sending.js";
import { money, sentence } from "../words.js";
import { stepper } from "./stepper.js";

const CARDS = [
  ["ok", "Card that is accepted"],
  ["declined", "Card that is declined"],
  ["slow", "Card of a slow bank"],
  ["timeout", "Card whose bank never answers"],
  ["twice", "Card whose bank answers twice"],
];

export async function checkout(main, signal) {
  kept.onKept(() => !kept.pending() && draw(main), signal);
  main.addEventListener("click", change, { signal });
  main.addEventListener("submit", (event) => submit(event, main, signal), { signal });
  await begin(main, signal);
}

/** Again and again at one checkout, so nothing listens from here: a form with two listeners would send two orders. */
async function begin(main, signal) {
  if (kept.pending()) await send(main, signal, true);
  else draw(main);
}

function change(event) {
  const button = event.target.closest("button[data-dish]");
  if (!button) return;
  const held = kept.basket();
  const line = held.lines.find((each) => each.dish === button.dataset.dish);
  kept.setQuantity(held.restaurant, line, line.quantity + Number(button.dataset.step));
  if (!document.getElementById(button.id)) document.getElementById("main").focus({ preventScroll: true });
}

async function submit(event, main, signal) {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target));
  const { id, city } = kept.customer();
  const { card, ...person } = given;
  kept.setCustomer({ id, city, ...person });
  kept.setPending(orderFor(kept.basket(), { id, ...person }, card));
  await send(main, signal, false);
}

async function send(main, signal, resumed) {
  show(
    main,
    html`<h1>Sending your order</h1>
      <div class="panel sending" role="status" aria-live="polite">
        <span class="spinner" aria-hidden="true"></span>
        <div><p id="said">One moment …</p><p class="quiet" id="steps"></p></div>
      </div>
      <p class="quiet">You may close this page: the order is kept here, goes on when you come back, and is taken once.</p>`,
  );
  try {
    const order = await sendPending((step) => tell(main, step), resumed);
    if (!signal.aborted) window.location.replace(`#/order/${encodeURIComponent(order.order_id)}`);
  } catch (error) {
    if (!signal.aborted) sorry(main, signal, error);
  }
}

function tell(main, step) {
  const said = main.querySelector("#said");
  if (!said) return;
  if (step.kind === "followed") {
    const why = step.code === "WrongJurisdiction" ? "Your data stays in Europe" : "Another region has this order";
    said.textContent = `${why}: asking ${new URL(step.address).host} …`;
  } else {
    said.textContent = "No answer yet. Trying again; your order is not lost.";
    main.querySelector("#steps").textContent = `${new URL(step.address).host} did not answer (attempt ${step.attempt})`;
  }
}

function sorry(main, signal, error) {
  const waiting = kept.pending() !== null;
  const advice = waiting
    ? "The order is kept on this device. Trying again will not order twice; a new order would, if a region has taken this one."
    : error.doubtful
      ? "But an attempt before this one had no answer, and may have been taken. A new order would be another one."
      : "Nothing was ordered and nothing was charged.";
  show(
    main,
    html`<h1>${waiting ? "No answer yet" : "This order was not taken"}</h1>
      <div class="panel" role="alert"><p>${sentence(error.message)}</p><p>${advice}</p></div>
      <p><button type="button" class="primary" id="again">${waiting ? "Try again" : "Back to the checkout"}</button>
      ${waiting ? html`<button type="button" id="forget">Give it up</button>` : ""}</p>`,
  );
  main.querySelector("#again").addEventListener("click", () => begin(main, signal), { signal });
  main.querySelector("#forget")?.addEventListener(
    "click",
    () => {
      kept.setPending(null);
      begin(main, signal);
    },
    { signal },
  );
}

function draw(main) {
  const held = kept.basket();
  if (!held) {
    show(main, html`<h1>Your basket is empty</h1><p><a class="button primary" href="#/">See the restaurants</a></p>`);
    return;
  }
  const { currency } = held.lines[0];
  const old = main.querySelector("form#checkout");
  const given = old ? Object.fromEntries(new FormData(old)) : kept.customer();
  show(
    main,
    html`<p><a class="back" href="#/restaurant/${encodeURIComponent(held.restaurant.id)}">${held.restaurant.name}</a></p>
      <h1>Checkout</h1>
      <div class="columns">
        <form id="checkout" class="panel">
          <h2>Deliver to</h2>
          <label>Name <input name="name" id="name" required maxlength="100" autocomplete="name" value="${given.name}"></label>
          <label>Address <input name="address" id="address" required maxlength="200" autocomplete="street-address"
            value="${given.address}"></label>
          <label>Phone <input name="phone" id="phone" type="tel" required maxlength="30" autocomplete="tel"
            value="${given.phone}"></label>
          ${home(given.jurisdiction ?? held.restaurant.jurisdiction)}
          <h2>Pay with</h2>
          <label>Sandbox card <select name="card" id="card">${CARDS.map(([card, text]) => option(card, text, given.card))}
          </select></label>
          <button type="submit" class="primary" id="place">Place order · ${money(kept.total_cents(held), currency)}</button>
        </form>
        <section class="panel" aria-labelledby="basket">
          <h2 id="basket">Your basket</h2>
          <p class="quiet">${held.restaurant.name}</p>
          <ul class="lines">${held.lines.map(entry)}</ul>
          <p class="total"><span>Total</span> <b>${money(kept.total_cents(held), currency)}</b></p>
        </section>
      </div>`,
  );
}

const option = (value, text, chosen) =>
  value === chosen
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`;

const home = (chosen) => html`<label>You live in <select name="jurisdiction" id="jurisdiction"
    aria-describedby="jurisdiction-why">
    ${[["US", "North America"], ["EU", "Europe"]].map(([value, text]) => option(value, text, chosen))}</select></label>
  <p class="quiet small" id="jurisdiction-why">Names, addresses and phone numbers of Europeans stay in Europe.</p>`;

const entry = (line) => html`<li>
  <span class="text">${line.name}<span class="quiet">${money(line.price_cents, line.currency)}</span></span>
  ${stepper(line.dish, line.name, line.quantity)}
</li>`;
