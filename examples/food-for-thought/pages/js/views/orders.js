/** Orders of this customer, and one of them, which is asked for again and again while it is under way. */

import { askOrders } from "../asking.js";
import { html, show } from "../html.js";
import * as kept from "../kept.js";
import { TRACK_EVERY_MS } from "../settings.js";
import { age, ENDS, money, regionName, STATES, timeOfDay, WAY } from "../words.js";

export async function orders(main, signal) {
  show(main, html`<h1>Your orders</h1><p class="quiet" role="status">Looking …</p>`);
  const { id, jurisdiction } = kept.customer();
  const { body } = await askOrders({ path: `/customers/${encodeURIComponent(id)}/orders` }, { jurisdiction });
  if (signal.aborted) return;
  const found = body.orders;
  show(
    main,
    html`<h1>Your orders</h1>
      ${found.length ? html`<ul class="cards one">${found.map(row)}</ul>` : html`<p>None yet. <a href="#/">Hungry?</a></p>`}`,
  );
}

const row = (order) => html`<li><a class="card" href="#/order/${encodeURIComponent(order.order_id)}">
  <span class="text"><strong>${order.restaurant.name}</strong>
    <span class="quiet">${timeOfDay(order.placed_at)} · taken in ${regionName(order.home_region)}</span></span>
  <span class="state" data-state="${order.state}">${STATES[order.state] ?? order.state}</span>
</a></li>`;

export async function order(main, signal, id) {
  show(main, html`<p class="quiet" role="status">Looking …</p>`);
  const tracked = { main, signal, id, jurisdiction: kept.customer().jurisdiction, order: null, trouble: "" };
  const placed = kept.placed();
  if (placed?.order_id === id) tracked.order = placed;
  try {
    await look(tracked, tracked.order ? { give_up_ms: 20000 } : undefined);
  } catch (error) {
    if (!tracked.order) throw error;
    if (error.status === 404) draw(tracked); // asked of another region than took it, whose copy may be on its way
    else tell(tracked, error);
  }
  track(tracked);
}

/** Ask for the order until it has come to its end. A page that nobody looks at does not ask. */
async function track(tracked) {
  while (!tracked.signal.aborted && !ENDS.has(tracked.order.state)) {
    await new Promise((done) => setTimeout(done, TRACK_EVERY_MS));
    if (tracked.signal.aborted || document.hidden) continue;
    try {
      await look(tracked, { give_up_ms: 20000 });
    } catch (error) {
      tell(tracked, error);
    }
  }
}

/** Show what was known last, and why it is not what is. A region may be lost before it could send its copies. */
function tell(tracked, error) {
  tracked.trouble =
    error.status === 404
      ? "The region that took your order does not answer, and no other has a copy yet. The order is not lost: it goes on when that region is back."
      : "Nobody answers at the moment. This is what was known last; it is asked for again.";
  draw(tracked);
}

async function look(tracked, patience) {
  const path = `/orders/${encodeURIComponent(tracked.id)}`;
  const { body } = await askOrders({ path }, { jurisdiction: tracked.jurisdiction, patience });
  tracked.order = body;
  tracked.trouble = "";
  if (tracked.signal.aborted) return;
  if (body.superseded_by) window.location.replace(`#/order/${encodeURIComponent(body.superseded_by)}`);
  draw(tracked);
}

function draw({ main, order, trouble }) {
  const { state } = order;
  show(
    main,
    html`<p><a class="back" href="#/orders">Your orders</a></p>
      <h1>${STATES[state] ?? state}</h1>
      <p class="quiet">${order.restaurant.name}</p>
      ${trouble ? html`<p class="notice" role="status">${trouble}</p>` : ""}
      ${state === "cancelled" ? cancelled(order) : way(state)}
      <div class="panel">
        <ul class="lines">${order.lines.map((line) => item(line, order.currency))}</ul>
        <p class="total"><span>Total</span> <b>${money(order.total_cents, order.currency)}</b></p>
      </div>
      <dl class="facts">
        <dt>Order</dt><dd><code id="order-id">${order.order_id}</code></dd>
        <dt>Taken in</dt><dd>${regionName(order.home_region)}</dd>
        <dt>Known as of</dt><dd>${age(order.age_s)}</dd>
        ${order.note ? html`<dt>Note</dt><dd id="note">${order.note}</dd>` : ""}
      </dl>`,
  );
}

const cancelled = (order) =>
  html`<p class="notice">${order.reason ? `${order.reason}. ` : ""}Nothing will be delivered, and nothing is charged.</p>`;

function way(state) {
  const here = WAY.indexOf(state);
  const step = (name, index) => html`<li class="${index < here ? "done" : index === here ? "now" : "next"}"
    ${index === here ? html`aria-current="step"` : ""}>${STATES[name]}</li>`;
  return html`<ol class="way" aria-label="How far your order is">${WAY.map(step)}</ol>`;
}

const item = (line, currency) => html`<li><span class="text">${line.quantity} × ${line.name ?? line.dish}</span>
  <span>${money(line.quantity * line.price_cents, currency)}</span></li>`;
